"""The version of posture, told without asking the installation."""

from __future__ import annotations

__version__ = "0.1.0"
