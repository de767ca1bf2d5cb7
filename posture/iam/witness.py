"""From a model to the request it stands for, with every key that the policies read."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from posture.iam.binding import Constant, Open
from posture.iam.cells import Cell
from posture.iam.encode import Encoder
from posture.iam.formula import Variable
from posture.iam.identity import arn_of
from posture.iam.inquiry import Hit
from posture.iam.keys import ACCESS_POINT_KEYS, PRINCIPAL_KEYS, KeyKind, kind_of
from posture.iam.quantities import address_text, instant_text
from posture.iam.question import below
from posture.iam.request import Caller, CallerKind, Request
from posture.iam.search import Model
from posture.iam.theories import Value, Work, solve

PAIR: Final = frozenset({"aws:sourcevpc", "aws:sourcevpce"})  # always present together
UNDERIVED: Final = frozenset({"aws:principalorgid", "aws:principalorgpaths"})  # do not follow from the caller's ARN
SPELLED: Final = {
    key.lower(): key
    for key in (
        *("aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths"),
        *("aws:SecureTransport", "aws:CurrentTime", "aws:EpochTime", "aws:UserAgent", "aws:SourceArn"),
        *("aws:SourceAccount", "aws:SourceOrgID", "aws:ResourceAccount", "s3:ResourceAccount", "aws:ResourceOrgID"),
        *("aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "aws:TokenIssueTime", "aws:ViaAWSService"),
        *("s3:DataAccessPointArn", "s3:DataAccessPointAccount", "s3:AccessPointNetworkOrigin", "aws:VpcSourceIp"),
        *("s3:TlsVersion", "sts:ExternalId", "kms:ViaService", "aws:Referer", "aws:RequestedRegion"),
    )
}


def request_of(hit: Hit, keys: Iterable[str], action: str, resource: str, work: Work) -> Request:
    """The concrete request of a model."""
    model, encoder, keys = hit.model, hit.encoder, frozenset(keys)
    context: list[tuple[str, tuple[str, ...]]] = []
    axes = encoder.axes
    together = (ACCESS_POINT_KEYS if axes.access_point else frozenset[str]()) | (PAIR if axes.endpoint else frozenset())
    for key in sorted({*keys, *together}):
        if key in PRINCIPAL_KEYS and key not in UNDERIVED:
            continue
        values = _values(key, model, encoder, work)
        if values:
            context.append((SPELLED.get(key, key), values))
    paths = dict(context).get("aws:PrincipalOrgPaths")
    if paths and "aws:principalorgid" not in keys:
        context.append(("aws:PrincipalOrgID", (paths[0].partition("/")[0],)))
    return Request(
        caller=caller_of(model, encoder.cell, work), action=action, resource=resource, context=tuple(context)
    )


def value_of(variable: Variable, model: Model, work: Work) -> Value:
    """The model's value, or one that nothing constrains."""
    for known, value in model.values.items():
        if known.name == variable.name and known.sort is variable.sort:
            return value
    return None if variable.optional else solve(variable, frozenset(), work)[1]


def _values(key: str, model: Model, encoder: Encoder, work: Work) -> tuple[str, ...]:
    binding = encoder.binding(key)
    if isinstance(binding, Constant):
        return binding.values
    value = _actual(binding, model, work)
    if value is None:
        return ()
    if isinstance(value, tuple):
        return value
    if binding.frames and isinstance(value, str):
        return (value.split(":", 5)[4],)
    if isinstance(value, Decimal):
        dated = kind_of(key) is KeyKind.TIME and key != "aws:epochtime"
        return (instant_text(value) if dated else f"{value:f}",)
    if isinstance(value, int) and not isinstance(value, bool):
        return (address_text(value),)
    return (binding.prefix + str(value),)


def _actual(binding: Open, model: Model, work: Work) -> Value:
    names = {variable.name: variable for variable in model.values}
    variable = names.get(binding.variable.name, binding.variable)
    return value_of(variable, model, work)


def caller_of(model: Model, cell: Cell, work: Work) -> Caller:
    """The caller with an ARN, and a session where it has one."""
    if cell.kind in (CallerKind.ANONYMOUS, CallerKind.SERVICE, CallerKind.CANONICAL_USER, CallerKind.FEDERATED):
        return Caller(kind=cell.kind, name=cell.name)
    unique_id, session = _unique_id(model, cell)
    if cell.account is None and cell.unique_id:
        return Caller(kind=cell.kind, unique_id=cell.unique_id, session=session)
    binding = arn_of(cell)
    arn = (
        binding.values[0]
        if isinstance(binding, Constant)
        else binding.prefix + str(value_of(binding.variable, model, work))
    )
    return Caller(kind=cell.kind, arn=arn, account=arn.split(":", 5)[4], session=session, unique_id=unique_id)


def _unique_id(model: Model, cell: Cell) -> tuple[str | None, str | None]:
    found = next((value for variable, value in model.values.items() if variable.name == "$userid"), None)
    session = cell.kind is CallerKind.ROLE_SESSION
    if isinstance(found, str):
        unique_id, _, name = found.partition(":")
        return unique_id, name if session else None
    if cell.kind not in (CallerKind.USER, CallerKind.ROLE_SESSION):
        return None, None
    return ("AROAFRESH" if session else "AIDAFRESH"), (cell.session or "fresh") if session else None


def resource_text(model: Model, bucket: str | None, prefix: str, place: str) -> str:
    """The resource of the request."""
    for variable, value in model.values.items():
        if variable.name == "$resource":
            return str(value)
    if bucket is None:
        return {"bucket": "arn:aws:s3:::bucket", "object": "arn:aws:s3:::bucket/key"}.get(place, "arn:aws:any:::any")
    if place != "object":
        return bucket
    key = next((value for variable, value in model.values.items() if variable.name == "$key"), None)
    return f"{below(bucket)}{prefix}{'key' if key is None else key}"
