"""Joins what the wings contributed into subjects, and makes the facts that need more than one store or wing."""

from posture.estate.join import Findings, Joined, join

__all__ = ["Findings", "Joined", "join"]
