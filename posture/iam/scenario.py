"""A scenario fixes which condition keys are absent, which are constant, and which are open."""

from posture.iam.binding import ABSENT, Binding, Constant, Open, free
from posture.iam.cells import Axes, Cell, World
from posture.iam.formula import Sort, Variable
from posture.iam.identity import identity_key
from posture.iam.keys import (
    ACCESS_POINT_KEYS,
    ALWAYS,
    CREDENTIAL_KEYS,
    ENDPOINT_KEYS,
    OWNER_KEYS,
    PRINCIPAL_KEYS,
    SOURCE_KEYS,
)
from posture.iam.request import ACCOUNT_KINDS, CallerKind
from posture.iam.shapes import ACCOUNTS
from posture.iam.wildcard import MANY, MANY_IN_PART, ONE, ONE_IN_PART, Language, Pattern, Wild, literal


def bind(key: str, cell: Cell, axes: Axes, world: World) -> Binding:  # noqa: C901, PLR0912  # one branch a case
    """What a condition key is in a scenario."""
    if key in world.facts:
        return Constant(world.facts[key] or ())
    if key in PRINCIPAL_KEYS:
        return identity_key(key, cell)
    if key in SOURCE_KEYS:
        return _source(key, cell, world)
    if key in OWNER_KEYS:
        return _owner(key, world)
    if key in ENDPOINT_KEYS or key == "aws:sourceip":
        return free(key, optional=key not in ALWAYS) if (key in ENDPOINT_KEYS) == axes.endpoint else ABSENT
    if key in ACCESS_POINT_KEYS:
        return _access_point(key) if axes.access_point else ABSENT
    if key in CREDENTIAL_KEYS:
        return _credentials(key, cell, axes)
    if key.startswith("aws:principaltag/") and cell.kind in (CallerKind.ROOT, CallerKind.ANONYMOUS, CallerKind.SERVICE):
        return ABSENT
    if key == "s3:tlsversion" and axes.https is not None:
        return free(key, optional=False) if axes.https else ABSENT
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
    return free(key, optional=key not in ALWAYS)


def _source(key: str, cell: Cell, world: World) -> Binding:
    if cell.kind is not CallerKind.SERVICE:
        return ABSENT
    account = cell.source or world.owner
    match key:
        case "aws:sourceaccount" | "aws:sourceowner":
            return free(key, domain=Language(literals=frozenset({account})))
        case "aws:sourcearn":
            head: Pattern = (*literal("arn:"), MANY_IN_PART, ":", MANY_IN_PART, ":", MANY_IN_PART, ":")
            domain = Language(globs=frozenset({(*head, ":", ONE, MANY), (*head, *literal(account + ":"), ONE, MANY)}))
            return free(key, domain=domain)
        case _ if account != world.owner:
            return free(key)
        case _ if world.organisation is None:
            return free(key, reason="the organisation of the owner account is not known")
        case "aws:sourceorgid":
            return free(key, domain=Language(literals=frozenset({world.organisation})))
        case _:
            return free(key, domain=Language(globs=frozenset({(*literal(world.organisation + "/r-"), ONE, MANY)})))


def _owner(key: str, world: World) -> Binding:
    if key in ("aws:resourceaccount", "s3:resourceaccount"):
        if world.owner:
            return Constant((world.owner,))
        return Open(
            Variable(name="$owner", sort=Sort.TEXT, optional=False, domain=Language(globs=frozenset({ACCOUNTS})))
        )
    if key == "aws:resourceorgid" and world.organisation is not None:
        return Constant((world.organisation,) if world.organisation else ())
    return free(key, reason="the organisation of the owner account is not known")


def _access_point(key: str) -> Binding:
    """One variable for the access point's ARN, because its account is a component of it."""
    name: Pattern = (*literal(":accesspoint/"), Wild(many=False, without=":/"), Wild(many=True, without=":/"))
    partition: Pattern = (ONE_IN_PART, MANY_IN_PART)
    shape: Pattern = (*literal("arn:"), *partition, *literal(":s3:"), MANY_IN_PART, ":", *ACCOUNTS, *name)
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
            return free(key, optional=False, domain=Language(literals=frozenset({"Internet", "VPC"})))


def _credentials(key: str, cell: Cell, axes: Axes) -> Binding:
    if cell.kind not in ACCOUNT_KINDS and cell.kind is not CallerKind.CANONICAL_USER:
        return ABSENT
    if axes.credentials == "long_term":
        return ABSENT
    if key == "aws:multifactorauthpresent":
        if axes.credentials == "mfa":
            return Constant(("true",))
        return free(key, domain=Language(literals=frozenset({"false"})))
    if key == "aws:multifactorauthage":
        return free(key, optional=False) if axes.credentials == "mfa" else ABSENT
    return free(key, optional=False)
