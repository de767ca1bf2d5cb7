"""Real peers on loopback for the real SDKs: emulators as child processes, stand-ins for what nobody emulates."""
