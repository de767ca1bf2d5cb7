"""Posture from its entry point to its reports: real SDKs, against peers on this machine."""
