"""What the worklist asks of a wing."""

from __future__ import annotations

from typing import Protocol

from posture.frozen import dataclass
from posture.model.assessment import IdentityUse, Unlooked
from posture.model.contributions import Contribution
from posture.model.leads import Lead, Target
from posture.model.subjects import Provider
from posture.reading import Call, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What following one lead gave: facts, further leads, and places that could not be looked into."""

    contributions: tuple[Contribution, ...] = ()
    leads: tuple[Lead, ...] = ()
    unlooked: tuple[Unlooked, ...] = ()


class Follower(Protocol):
    """Whoever can follow a lead."""

    def follow(self, lead: Lead, reading: Reading) -> Followed:
        """Read one target. Whatever could not be read is in the facts as Unknown, never an exception."""


class Wing(Follower, Protocol):
    """A provider's wing. It is made from the settings, before any call; one object serves all threads of a run."""

    @property
    def provider(self) -> Provider:
        """Whose API this wing reads."""

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every operation that this wing may call."""

    def handles(self, target: Target) -> bool:
        """Whether a lead to this target is for this wing."""

    def check_credentials(self, reading: Reading) -> None:
        """Raise CredentialError, saying what to set, when nobody is there to ask as; make at most one call."""

    def identities(self, reading: Reading) -> tuple[IdentityUse, ...]:
        """Who asked, for the record of the run: every identity that this run used, in a stable order."""
