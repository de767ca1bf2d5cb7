"""A run over a plan: what will be and what was are followed, joined, compared and assessed. Nothing is called."""

from posture.planning.run import PlanOutcome, plan
from posture.planning.targets import Asked, nothing_to_check

__all__ = ["Asked", "PlanOutcome", "nothing_to_check", "plan"]
