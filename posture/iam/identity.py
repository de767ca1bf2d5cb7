"""What a scenario says of the keys that follow from the caller."""

from typing import Final

from posture.iam.binding import ABSENT, Binding, Constant, Open, free
from posture.iam.cells import Cell, Membership
from posture.iam.formula import Sort, Variable
from posture.iam.request import CallerKind
from posture.iam.shapes import (
    ACCOUNTS,
    ID,
    NAME,
    NAMES,
    ORG_IDS,
    PLAIN_NAMES,
    ROLE_IDS,
    SERVICE_VALUE,
    STEMS,
    USER_IDS,
)
from posture.iam.wildcard import MANY, ONE, Language, Pattern, literal


def tail_of(cell: Cell) -> Variable:
    """The open part of the caller's ARN: what follows the kind, or the whole ARN where the account is open too."""
    names = PLAIN_NAMES if cell.kind is CallerKind.FEDERATED_USER else NAMES
    if cell.account is None:
        front, kind = STEMS[cell.kind]
        tails = [()] if cell.kind is CallerKind.ROOT else sorted(names.globs, key=repr)
        head = literal(f"arn:{cell.partition}:{front}::")
        whole = frozenset((*head, *ACCOUNTS, *literal(":" + kind), *tail) for tail in tails)
        return Variable(name="$principal", sort=Sort.TEXT, optional=False, domain=Language(globs=whole))
    return Variable(name="$principal", sort=Sort.TEXT, optional=False, domain=names)


def stem_of(cell: Cell) -> str:
    """The part of the caller's ARN that the cell fixes."""
    if cell.account is None:
        return ""
    front, kind = STEMS[cell.kind]
    return f"arn:{cell.partition}:{front}::{cell.account}:{kind}"


def identity_key(key: str, cell: Cell) -> Binding:  # noqa: C901, PLR0912  # one branch a case
    """A key that tells who the caller is."""
    if cell.kind is CallerKind.ANONYMOUS:
        fixed = {"aws:principalaccount": "anonymous", "aws:principaltype": "Anonymous", "aws:userid": "anonymous"}
        return Constant((fixed[key],)) if key in fixed else ABSENT
    if cell.kind is CallerKind.SERVICE:
        return _service(key, cell)
    if cell.kind is CallerKind.FEDERATED:
        return ABSENT
    if cell.kind is CallerKind.CANONICAL_USER or (cell.account is None and cell.unique_id):
        return _hidden(key, cell)
    match key:
        case "aws:principalarn":
            return arn_of(cell)
        case "aws:principalaccount" | "kms:calleraccount":
            if cell.account is not None:
                return Constant((cell.account,))
            return _account_within(cell)
        case "aws:principalorgid" | "aws:principalorgpaths":
            return _organisation(key, cell.membership)
        case "aws:principaltype":
            return Constant((TYPES[cell.kind],))
        case "aws:principalisawsservice":
            return Constant(("false",))
        case "aws:userid":
            return _userid(cell)
        case "aws:username" if cell.kind is CallerKind.USER:
            return _username(cell)
        case _:
            return ABSENT


def _account_within(cell: Cell) -> Open:
    head = literal(f"arn:{cell.partition}:{STEMS[cell.kind][0]}::")
    return Open(tail_of(cell), frames=(head,), tail=(":", MANY), stop=":")


_HIDDEN: Final = {  # what an account's caller has in any case
    "aws:principaltype": Language(literals=frozenset({"User", "AssumedRole", "Account", "FederatedUser"})),
    "aws:principalaccount": Language(globs=frozenset({ACCOUNTS})),
}
TYPES: Final = {
    CallerKind.USER: "User",
    CallerKind.ROLE_SESSION: "AssumedRole",
    CallerKind.ROOT: "Account",
    CallerKind.FEDERATED_USER: "FederatedUser",
}


def arn_of(cell: Cell) -> Binding:
    """The caller's ARN as far as it is fixed."""
    if cell.arn is not None:
        return Constant((cell.arn,))
    stem = stem_of(cell)
    if cell.kind is CallerKind.ROOT and cell.account is not None:
        return Constant((stem,))
    return Open(tail_of(cell), prefix=stem)


def _service(key: str, cell: Cell) -> Binding:
    match key:
        case "aws:principalisawsservice":
            return Constant(("true",))
        case "aws:principalservicename" | "aws:principalservicenameslist":
            return Constant((cell.name or "",))
        case "aws:principalorgid" | "aws:principalorgpaths" | "aws:username":
            return ABSENT
        case _:
            return free(key, domain=SERVICE_VALUE, reason=f"the value of `{key}` for AWS services is not documented")


def _hidden(key: str, cell: Cell) -> Binding:
    """Keys of a caller whose account the policies do not tell."""
    if key == "aws:userid" and cell.unique_id:
        if cell.kind is CallerKind.USER:
            return Constant((cell.unique_id,))
        domain = Language(globs=frozenset({(*literal(cell.unique_id + ":"), *NAME)}))
        return Open(Variable(name="$userid", sort=Sort.TEXT, optional=False, domain=domain))
    if key == "aws:principalisawsservice":
        return Constant(("false",))
    if key == "aws:principaltype" and cell.unique_id:
        return Constant((TYPES[cell.kind],))
    if key.startswith("aws:principalservicename"):
        return ABSENT
    return free(key, domain=_HIDDEN.get(key), reason=f"the account of `{cell.name or cell.unique_id}` is not known")


def _organisation(key: str, membership: str) -> Binding:
    several = key == "aws:principalorgpaths"
    if membership == Membership.NONE:
        return ABSENT
    if membership == Membership.UNKNOWN:
        return free(key, reason="the organisation of the owner account is not known")
    if membership == Membership.DIFFERENT and several:
        return free(key, optional=False, reason="`aws:PrincipalOrgPaths` repeats `aws:PrincipalOrgID`")
    if membership in (Membership.OTHER, Membership.DIFFERENT):
        paths = Language(globs=frozenset({(*pattern, *literal("/r-"), ONE, MANY) for pattern in ORG_IDS.globs}))
        domain = paths if several else ORG_IDS
        return free(key, optional=False, domain=domain)
    if not several:
        return Constant((membership,))
    domain = Language(globs=frozenset({(*literal(membership + "/r-"), ONE, MANY)}))
    return free(key, optional=False, domain=domain)


def _userid(cell: Cell) -> Binding:
    match cell.kind:
        case CallerKind.ROOT if cell.account is not None:
            return Constant((cell.account,))
        case CallerKind.ROOT:
            return _account_within(cell)
        case CallerKind.FEDERATED_USER if cell.arn is not None:
            return Constant((f"{cell.account}:{cell.arn.rpartition('/')[2]}",))
        case CallerKind.FEDERATED_USER if cell.account is not None:
            return Open(tail_of(cell), prefix=f"{cell.account}:")
        case CallerKind.FEDERATED_USER:
            return free("aws:userid", optional=False, reason="`aws:userid` repeats the account and name of the caller")
        case CallerKind.USER:
            return Open(Variable(name="$userid", sort=Sort.TEXT, optional=False, domain=USER_IDS))
        case _:
            return Open(session_of(cell))


def session_of(cell: Cell) -> Variable:
    """The unique id and session name of a role session, as `aws:userid` shows them."""
    if cell.session is None:
        return Variable(name="$userid", sort=Sort.TEXT, optional=False, domain=ROLE_IDS)
    domain = Language(globs=frozenset({(*literal("AROA"), *ID, *literal(":" + cell.session))}))
    return Variable(name="$userid", sort=Sort.TEXT, optional=False, domain=domain)


def _username(cell: Cell) -> Binding:
    if cell.arn is not None:
        return Constant((cell.arn.rpartition("/")[2],))
    frames: tuple[Pattern, ...] = ((MANY, "/"),) if cell.account is None else ((), (MANY, "/"))
    return Open(tail_of(cell), frames=frames, stop="/")
