"""A scenario: one kind of caller on one network and path. It fixes which keys are absent, constant or open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from posture.iam.formula import YES_NO, Sort, Variable
from posture.iam.keys import (
    ACCESS_POINT_KEYS,
    ALWAYS,
    CREDENTIAL_KEYS,
    ENDPOINT_KEYS,
    MULTIVALUED,
    NETWORK_NAMES,
    OWNER_KEYS,
    PRINCIPAL_KEYS,
    SOURCE_KEYS,
    TLS_VERSIONS,
    KeyKind,
    doubt_of,
    kind_of,
)
from posture.iam.request import ACCOUNT_KINDS, CallerKind
from posture.iam.wildcard import (
    ALL,
    DIGIT,
    MANY,
    MANY_IN_PART,
    ONE,
    Language,
    Pattern,
    Wild,
    literal,
    within,
)

NAME_CHARS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+=,.@_-"
NAME: Final[Pattern] = (Wild(many=False, only=NAME_CHARS), Wild(many=True, only=NAME_CHARS))
PATH: Final = Wild(many=True, only="".join(map(chr, range(0x21, 0x7F))))
NAMES: Final = Language(globs=frozenset({NAME, (PATH, "/", *NAME)}))  # an IAM path and name
PLAIN_NAMES: Final = Language(globs=frozenset({NAME}))
ID_CHARS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
ID: Final[Pattern] = (Wild(many=False, only=ID_CHARS), Wild(many=True, only=ID_CHARS))
USER_IDS: Final = Language(globs=frozenset({(*literal("AIDA"), *ID)}))
ROLE_IDS: Final = Language(globs=frozenset({(*literal("AROA"), *ID, ":", *NAME)}))
ACCOUNTS: Final[Pattern] = (DIGIT,) * 12
SERVICE_VALUE: Final = Language(literals=frozenset({"undocumented"}))  # whatever it is, it is no customer's identity
ASSIGNED: Final = Language(globs=frozenset({(Wild(many=False, without="*?"), Wild(many=True, without="*?"))}))
ORG_IDS: Final = Language(
    globs=frozenset({(*literal("o-"), Wild(many=False, without="/*?"), Wild(many=True, without="/*?"))})
)


STEMS: Final = {
    CallerKind.USER: ("iam", "user/"),
    CallerKind.ROLE_SESSION: ("iam", "role/"),
    CallerKind.ROOT: ("iam", "root"),
    CallerKind.FEDERATED_USER: ("sts", "federated-user/"),
}


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


@dataclass(frozen=True, slots=True)
class Constant:
    """The key has these values, or is absent where there are none."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """The key reads a variable; the key's value is `prefix` + the variable, or a component of it."""

    variable: Variable
    prefix: str = ""
    frames: tuple[Pattern, ...] = ()
    tail: Pattern = ()
    stop: str = ""

    def view(self, language: Language) -> Language:
        """The values of the variable for which the key's value is in the language."""
        if not self.frames:
            return language.after(self.prefix)
        return Language.of(
            (*frame, *within(pattern, self.stop), *self.tail)
            for pattern in language.patterns()
            for frame in self.frames
        )


Binding = Constant | Open
ABSENT: Final = Constant(())


def bind(key: str, cell: Cell, axes: Axes, world: World) -> Binding:  # noqa: C901, PLR0912  # one branch a case
    """What a condition key is in a scenario."""
    if key in world.facts:
        return Constant(world.facts[key] or ())
    if key in PRINCIPAL_KEYS:
        return _principal(key, cell)
    if key in SOURCE_KEYS:
        return _source(key, cell, world)
    if key in OWNER_KEYS:
        return _owner(key, world)
    if key in ENDPOINT_KEYS or key == "aws:sourceip":
        return _free(key, optional=key not in ALWAYS) if (key in ENDPOINT_KEYS) == axes.endpoint else ABSENT
    if key in ACCESS_POINT_KEYS:
        return _access_point(key) if axes.access_point else ABSENT
    if key in CREDENTIAL_KEYS:
        return _credentials(key, cell, axes)
    if key.startswith("aws:principaltag/") and cell.kind in (CallerKind.ROOT, CallerKind.ANONYMOUS, CallerKind.SERVICE):
        return ABSENT
    if key == "s3:tlsversion" and axes.https is not None:
        return _free(key, optional=False) if axes.https else ABSENT
    if key == "aws:securetransport" and axes.https is not None:
        return Constant(("true" if axes.https else "false",))
    if key == "aws:viaawsservice" and axes.forwarded is not None:
        return Constant(("true" if axes.forwarded else "false",))
    if key.startswith("aws:calledvia") and axes.forwarded is not True:
        return ABSENT
    if key in ("aws:currenttime", "aws:epochtime"):
        return Open(Variable(name="$time", sort=Sort.NUMBER, optional=False, floor=world.now))
    if key in ("aws:sourceidentity", "aws:federatedprovider") and cell.kind is not CallerKind.ROLE_SESSION:
        return ABSENT
    return _free(key, optional=key not in ALWAYS)


def _free(key: str, *, optional: bool = True, domain: Language | None = None, reason: str = "") -> Open:
    kind = kind_of(key)
    sort, language = Sort.TEXT, ALL
    match kind:
        case KeyKind.BOOL:
            language = YES_NO
        case KeyKind.CHOICE:
            language = TLS_VERSIONS
        case KeyKind.NUMBER | KeyKind.TIME:
            sort = Sort.NUMBER
        case KeyKind.ADDRESS:
            sort = Sort.ADDRESS
        case KeyKind.TEXT:
            sort = Sort.TEXTS if key in MULTIVALUED else Sort.TEXT
            language = ASSIGNED if key in NETWORK_NAMES else ALL
    variable = Variable(
        name=key, sort=sort, optional=optional, domain=domain or language, reason=reason or doubt_of(key)
    )
    return Open(variable)


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


def _principal(key: str, cell: Cell) -> Binding:  # noqa: C901, PLR0912  # one branch a case
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
            return _free(key, domain=SERVICE_VALUE, reason=f"the value of `{key}` for AWS services is not documented")


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
    return _free(key, reason=f"the account of `{cell.name or cell.unique_id}` is not known")


def _organisation(key: str, membership: str) -> Binding:
    several = key == "aws:principalorgpaths"
    if membership == Membership.NONE:
        return ABSENT
    if membership == Membership.UNKNOWN:
        return _free(key, reason="the organisation of the owner account is not known")
    if membership == Membership.DIFFERENT and several:
        return _free(key, optional=False, reason="`aws:PrincipalOrgPaths` repeats `aws:PrincipalOrgID`")
    if membership in (Membership.OTHER, Membership.DIFFERENT):
        paths = Language(globs=frozenset({(*pattern, *literal("/r-"), ONE, MANY) for pattern in ORG_IDS.globs}))
        domain = paths if several else ORG_IDS
        return _free(key, optional=False, domain=domain)
    if not several:
        return Constant((membership,))
    domain = Language(globs=frozenset({(*literal(membership + "/r-"), ONE, MANY)}))
    return _free(key, optional=False, domain=domain)


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
            return _free("aws:userid", optional=False, reason="`aws:userid` repeats the account and name of the caller")
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


def _source(key: str, cell: Cell, world: World) -> Binding:
    if cell.kind is not CallerKind.SERVICE:
        return ABSENT
    account = cell.source or world.owner
    match key:
        case "aws:sourceaccount" | "aws:sourceowner":
            return _free(key, domain=Language(literals=frozenset({account})))
        case "aws:sourcearn":
            head: Pattern = (*literal("arn:"), MANY_IN_PART, ":", MANY_IN_PART, ":", MANY_IN_PART, ":")
            domain = Language(globs=frozenset({(*head, ":", ONE, MANY), (*head, *literal(account + ":"), ONE, MANY)}))
            return _free(key, domain=domain)
        case _ if account != world.owner:
            return _free(key)
        case _ if world.organisation is None:
            return _free(key, reason="the organisation of the owner account is not known")
        case "aws:sourceorgid":
            return _free(key, domain=Language(literals=frozenset({world.organisation})))
        case _:
            return _free(key, domain=Language(globs=frozenset({(*literal(world.organisation + "/r-"), ONE, MANY)})))


def _owner(key: str, world: World) -> Binding:
    if key in ("aws:resourceaccount", "s3:resourceaccount"):
        if world.owner:
            return Constant((world.owner,))
        return Open(
            Variable(name="$owner", sort=Sort.TEXT, optional=False, domain=Language(globs=frozenset({ACCOUNTS})))
        )
    if key == "aws:resourceorgid" and world.organisation is not None:
        return Constant((world.organisation,) if world.organisation else ())
    return _free(key, reason="the organisation of the owner account is not known")


def _access_point(key: str) -> Binding:
    """One variable for the access point's ARN, because its account is a component of it."""
    name: Pattern = (*literal(":accesspoint/"), Wild(many=False, without=":/"), Wild(many=True, without=":/"))
    shape: Pattern = (*literal("arn:"), ONE, MANY_IN_PART, *literal(":s3:"), MANY_IN_PART, ":", *ACCOUNTS, *name)
    variable = Variable(
        name="s3:dataaccesspointarn", sort=Sort.TEXT, optional=False, domain=Language(globs=frozenset({shape}))
    )
    match key:
        case "s3:dataaccesspointarn":
            return Open(variable)
        case "s3:dataaccesspointaccount":
            front: Pattern = (*literal("arn:"), MANY_IN_PART, *literal(":s3:"), MANY_IN_PART, ":")
            return Open(variable, frames=(front,), tail=(":", MANY), stop=":")
        case _:
            return _free(key, optional=False, domain=Language(literals=frozenset({"Internet", "VPC"})))


def _credentials(key: str, cell: Cell, axes: Axes) -> Binding:
    if cell.kind not in ACCOUNT_KINDS and cell.kind is not CallerKind.CANONICAL_USER:
        return ABSENT
    if axes.credentials == "long_term":
        return ABSENT
    if key == "aws:multifactorauthpresent":
        if axes.credentials == "mfa":
            return Constant(("true",))
        return _free(key, domain=Language(literals=frozenset({"false"})))
    if key == "aws:multifactorauthage":
        return _free(key, optional=False) if axes.credentials == "mfa" else ABSENT
    return _free(key, optional=False)
