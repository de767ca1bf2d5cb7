"""A scenario: one kind of caller in one set of circumstances, and what holds for all requests."""

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from enum import StrEnum

from posture.frozen import dataclass
from posture.iam.request import CallerKind


class Membership(StrEnum):
    """Whether the caller's account is in an organisation, where none is named."""

    NONE = ""
    OTHER = "*"  # an organisation that no policy names
    DIFFERENT = "**"  # the same where both its id and its paths are read, and patterns leave the id open
    UNKNOWN = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The caller as far as a question fixes it; an open `arn` is a variable below the pinned account."""

    kind: CallerKind
    account: str | None = None
    arn: str | None = None
    session: str | None = None
    unique_id: str | None = None
    name: str | None = None
    membership: str = Membership.NONE
    named: bool = False  # a literal account of the policies, about which they may say more by other names
    partition: str = "aws"
    source: str | None = None  # for services: the account on whose behalf the call is made


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """The circumstances that decide which keys are present."""

    endpoint: bool = False
    access_point: bool = False
    credentials: str = "any"  # long_term, temporary, mfa
    https: bool | None = None
    forwarded: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What holds for every request of a question."""

    owner: str
    organisation: str | None
    now: Decimal
    facts: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    members: frozenset[str] | None = None

    def membership(self, account: str) -> bool | None:
        """Whether the account is in the owner's organisation, or in none as the owner is; None: not known."""
        if self.organisation is None:
            return None
        if account == self.owner:
            return True
        return None if self.members is None or not self.organisation else account in self.members
