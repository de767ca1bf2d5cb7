"""Callers, paths, statements and requests as people say them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from posture.access.record import RequestRecord
from posture.iam import ActionClass, Bound, BoundKind, Effort, PrincipalClass, PrincipalKind, StatementRef
from posture.iam.actions import DECIDING, FRESH_NAME
from posture.model.trust import DATABRICKS_PARTITIONS
from posture.reports.view import plural

MOST_NAMES = 6
MOST_ACTIONS = 3
ANY_RESOURCE = "arn:aws:any:::any"  # what stands in a proof where no policy and no question names a resource
_ORDER = tuple(PrincipalKind)


def listed(
    names: Sequence[str], joint: str, most: int = MOST_NAMES, tell: Callable[[str], str] = lambda name: name
) -> str:
    """The first names, and how many more there are."""
    told = [tell(name) for name in names[:most]]
    return joint.join(told) if len(names) <= most else f"{', '.join(told)} and {len(names) - most:,} more"


_PLAIN = {
    PrincipalKind.ANONYMOUS: "anyone, without signing in",
    PrincipalKind.ANY_ACCOUNT: "any AWS account",
    PrincipalKind.ACCOUNT_PATTERN: "any account like {names}",
    PrincipalKind.PRINCIPAL: "{names}",
    PrincipalKind.UNIQUE_ID: "the identity with id {names}, of an account that is not known",
    PrincipalKind.CANONICAL_USER: "the account with canonical id {names}",
    PrincipalKind.FEDERATED: "users of identity provider {names}",
}


def who(principal: PrincipalClass, owner: str, organisation: str | None) -> str:
    """A class of callers in words."""
    names = principal.names
    match principal.kind:
        case PrincipalKind.ORGANISATION:
            told = listed(names, ", ", tell=lambda name: _organisation(name, organisation))
            return f"any account of organisation {told}"
        case PrincipalKind.ACCOUNT:
            word = "account" if len(names) == 1 else "accounts"
            return f"{word} {listed(names, ', ', tell=lambda name: _account(name, owner))}"
        case PrincipalKind.SERVICE:
            return _service(names, principal.source, owner)
        case kind:
            return _PLAIN[kind].format(names=listed(names, ", "))


def _organisation(name: str, organisation: str | None) -> str:
    return f"{name} (the owner's)" if name == organisation else name


def _account(name: str, owner: str) -> str:
    if name == owner:
        return f"{name} (the owner)"
    vendor = any(partition.account == name for partition in DATABRICKS_PARTITIONS)
    return f"{name} (Databricks)" if vendor else name


def _service(names: Sequence[str], source: str | None, owner: str) -> str:
    service = "any other AWS service" if names == ("*",) else f"AWS service {listed(names, ', ')}"
    if source is None:
        return service
    return f"{service}, for {'the owner' if source == owner else source}"


def width_of(principal: PrincipalClass, owner: str) -> tuple[int, ...]:
    """Sorts the widest first and the owner's own last."""
    own = principal.kind is PrincipalKind.ACCOUNT and principal.names == (owner,)
    return (int(own), _ORDER.index(principal.kind), int(principal.source is not None), int(principal.names == ("*",)))


def path(bound: Bound) -> str:
    """From where a class gets in; empty for anywhere."""
    match bound.kind:
        case BoundKind.NONE:
            return ""
        case BoundKind.ACCESS_POINT:
            return f"only through access points of account {listed(bound.names, ' or ')}"
        case BoundKind.NETWORK:
            return f"only from {' or '.join(_networks(bound.names))}"


def _networks(names: Sequence[str]) -> Iterator[str]:
    keys: dict[str, list[str]] = {}
    for name in names:
        key, _, value = name.partition("=")
        keys.setdefault(key, []).append(value)
    for key, values in keys.items():
        yield f"{key} {listed(values, ' or ')}"


def statement(reference: StatementRef) -> str:
    """Where a statement stands."""
    sid = f" `{reference.sid}`" if reference.sid else ""
    return f"{reference.policy} Statement[{reference.index}]{sid}"


def request(record: RequestRecord) -> str:
    """A request in one line."""
    session = f" (session {record.session})" if record.session else ""
    resource = "any resource" if record.resource == ANY_RESOURCE else record.resource
    text = f"{_action(record.action)} on {resource} by {record.principal}{session}"
    context = ", ".join(f"{key}={' | '.join(values)}" for key, values in record.context)
    return f"{text}, with {context}" if context else text


def by_weight(actions: Iterable[str], kind: ActionClass) -> list[str]:
    """The actions once, those first that matter most."""
    heavy = DECIDING.get(kind, "").split()
    return sorted(set(actions), key=lambda name: (heavy.index(name) if name in heavy else len(heavy), name))


def actions(names: Sequence[str]) -> str:
    """The first actions, and how many more there are."""
    return listed(names, ", ", MOST_ACTIONS, tell=_action)


def _action(name: str) -> str:
    service, _, short = name.partition(":")
    return f"any other {service} action" if short == FRESH_NAME else name


def effort(spent: Effort) -> str:
    """How much was searched."""
    counts = ((spent.scenarios, "scenario"), (spent.steps, "search step"), (spent.states, "automaton state"))
    return ", ".join(plural(number, thing) for number, thing in counts)
