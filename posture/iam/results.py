"""What `reach` answers: who can do what, within which bound, with the request that proves it, and what stayed open."""

from enum import StrEnum
from typing import Final

from posture.frozen import dataclass
from posture.iam.actions import ActionClass
from posture.iam.request import Request
from posture.iam.theories import STATES, STEPS

BUDGET: Final = "the work budget was used up before an answer was found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The work budget of one question: automaton states, as much again of looking through policies, search steps."""

    states: int = STATES
    steps: int = STEPS


class PrincipalKind(StrEnum):
    """How wide a class of callers is; it says nothing of whether they are trusted."""

    ANONYMOUS = "anonymous"
    ANY_ACCOUNT = "any_account"
    ACCOUNT_PATTERN = "account_pattern"
    ORGANISATION = "organisation"
    ACCOUNT = "account"
    PRINCIPAL = "principal"
    UNIQUE_ID = "unique_id"
    SERVICE = "service"
    CANONICAL_USER = "canonical_user"
    FEDERATED = "federated"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalClass:
    """A class of callers; each of `names` can do alone what the class is reported for.

    Names are account ids, ARNs, organisation ids, unique ids, service hosts (`*` for a service that no policy names),
    canonical ids or account patterns, by kind. `source` is the account, ARN or organisation on whose behalf a service
    must act, None where any will do.
    """

    kind: PrincipalKind
    names: tuple[str, ...] = ()
    source: str | None = None


class BoundKind(StrEnum):
    """What limits the network path of a class."""

    NONE = "none"
    NETWORK = "network"
    ACCESS_POINT = "access_point"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The networks (`aws:SourceIp=10.0.0.0/8`, `aws:SourceVpce=vpce-1`) or access point accounts, all of them."""

    kind: BoundKind
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRef:
    """A statement by policy, position and Sid."""

    policy: str
    index: int
    sid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachClass:
    """A proven way in: every statement here is witnessed by a request that a second evaluator allows.

    `assumptions` are facts outside the policies that the witness needs, such as an account's organisation.
    """

    principal: PrincipalClass
    action_class: ActionClass
    actions: tuple[str, ...]
    bound: Bound
    conditions: tuple[str, ...]
    statements: tuple[StatementRef, ...]
    witness: Request
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Undetermined:
    """Actions that a class of callers may or may not reach, and why; `principal` is None where it concerns all."""

    principal: PrincipalClass | None
    action_class: ActionClass
    actions: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """The evidence behind "nobody else": how much was searched."""

    scenarios: int
    states: int
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Everything the policies let through. Nobody else can, unless something is undetermined.

    `spelt` says that a text was searched for letter by letter, so that other names might give other texts.
    """

    classes: tuple[ReachClass, ...]
    undetermined: tuple[Undetermined, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    effort: Effort
    spelt: bool = False


class GateKind(StrEnum):
    """How a further policy takes part: its Denies cut, or it must allow as well."""

    CUTS = "cuts"
    CONFIRMS = "confirms"
