"""Access points: other doors to a bucket, each with a policy that has to allow as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Final

from posture.adapters.aws.access.collector import Collector
from posture.adapters.aws.access.delegation import EMPTY
from posture.adapters.aws.access.filters import documented_status, meant, public_status, restricted_to, signed_only
from posture.adapters.aws.access.sources import statements_origin
from posture.adapters.aws.access.ways import Origin, Resource, Way, ways, without_known
from posture.adapters.aws.config import AccessPoint
from posture.frozen import dataclass
from posture.iam import BoundKind, Document, Gate, GateKind, Reach, parse
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown, all_true, any_true
from posture.model.subjects import AccessPoint as Told
from posture.model.subjects import BlockPublicAccess, Grant, Scope

AP_ARN: Final = "s3:DataAccessPointArn"
AP_ACCOUNT: Final = "s3:DataAccessPointAccount"
AP_ORIGIN: Final = "s3:AccessPointNetworkOrigin"
FRONT_DOOR: Final = {AP_ARN: None, AP_ACCOUNT: None, AP_ORIGIN: None}  # a request to the bucket itself
_STRANGERS: Final = (Scope.OUTSIDE, Scope.PUBLIC)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What all doors of a bucket have in common. `cut` is RestrictPublicBuckets by the bucket's own policy."""

    policy: Document
    resource: Resource
    collector: Collector
    origins: dict[str, Origin]
    levels: tuple[BlockPublicAccess, ...]
    cut: Fact[bool]
    front: tuple[Way, ...]
    widened: dict[str, Fact[bool]] = field(default_factory=dict)

    def asked(self, gates: Iterable[Gate], context: Mapping[str, str | None]) -> Reach:
        """Who gets in by some door."""
        return meant(self.resource.reach([self.policy], gates=gates, context=context), self.policy)

    @property
    def told_apart(self) -> bool:
        """Whether the bucket policy decides anything by access points; without that, a door only narrows."""
        keys = {key.lower() for key in FRONT_DOOR}
        return any(test.key in keys for entry in self.policy.statements for test in entry.tests)


def through_doors(house: House, listed: Listing[AccessPoint]) -> None:
    """Collect what each door adds to the front door, what unlisted ones may add, and what strangers' ones do."""
    if not house.told_apart and house.policy.readable:
        return
    for point in listed.items:
        _through(house, point)
    _unlisted(house, listed)
    _strange(house)


def _context(house: House, point: AccessPoint) -> dict[str, str | None]:
    fixed: dict[str, str | None] = {
        AP_ARN: point.arn,
        AP_ACCOUNT: house.resource.owner,
        AP_ORIGIN: "VPC" if point.vpc else "Internet",
    }
    return {**fixed, "aws:SourceVpc": point.vpc, "aws:SourceIp": None} if point.vpc else fixed


def _through(house: House, point: AccessPoint) -> None:
    """A Multi-Region Access Point takes signed requests only (User Guide, "Multi-Region Access Point restrictions")."""
    context = _context(house, point)
    taken = (signed_only(),) if point.multi_region else ()
    match point.policy:
        case Unknown() as unknown:
            found = _new(house, house.asked(taken, context), point)
            gaps = house.collector.hide(
                found, unknown, f"if the policy of access point {point.name} allows it", narrowed=True
            )
            house.widened[point.name] = gaps[0].unknown if gaps else Known(value=False, sources=unknown.sources)
        case Known(value=text, sources=sources):
            name = f"policy of access point {point.name}"
            source = sources[0] if sources else Source(operation="s3control:GetAccessPointPolicy", resource=point.name)
            policy = parse(text or EMPTY, name)
            house.origins[name] = statements_origin(policy, name, source)
            gate = Gate(policy=policy, kind=GateKind.CONFIRMS, name=name, resource=point.arn)
            answer = house.asked([gate, *taken], context)

            def spared() -> tuple[Way, ...]:
                gates = [gate, *taken, restricted_to(house.resource.owner)]
                return _new(house, house.asked(gates, context), point)

            cut = any_true((house.cut, _cut_here(house, point, documented_status(policy, source, access_point=True))))

            grants, gaps = house.collector.take(_new(house, answer, point), cut, spared=spared)
            doubts = house.collector.doubt(answer, cut)
            house.widened[point.name] = _widens(grants, (*gaps, *doubts), source)


def _new(house: House, answer: Reach, point: AccessPoint) -> tuple[Way, ...]:
    return without_known(ways(answer, door=point.name, door_vpc=point.vpc), house.front)


def _cut_here(house: House, point: AccessPoint, documented: Fact[bool]) -> Fact[bool]:
    """RestrictPublicBuckets by the access point's policy, which is never public behind a VPC."""
    if point.vpc:
        return Known(value=False, sources=())
    levels = (*house.levels, point.block)
    public = public_status(point.policy_public, documented)
    return all_true((public, any_true(level.restrict_public_buckets for level in levels)))


def _widens(grants: Iterable[Grant], gaps: Iterable[Gap], source: Source) -> Fact[bool]:
    facts = [grant.scope.map(lambda scope: scope in _STRANGERS) for grant in grants]
    nothing: Fact[bool] = Known(value=False, sources=(source,))
    return any_true((*facts, *(gap.unknown for gap in gaps if _may_be_strange(gap)), nothing))


def _may_be_strange(gap: Gap) -> bool:
    scopes = dict(gap.limits).get("scope")
    return scopes is None or any(scope in _STRANGERS for scope in scopes)


def _unlisted(house: House, listed: Listing[AccessPoint]) -> None:
    """What the bucket policy leaves to access points of its account, where a list of them could not be read."""
    if not listed.gaps:
        return
    context = {AP_ACCOUNT: house.resource.owner}
    found = without_known(ways(house.asked((), context), door="that nobody listed"), house.front)
    unknown, why = listed.gaps[0].unknown, "if such an access point of the owner's account allows it"
    house.collector.hide(found, unknown, why, narrowed=True)


def _strange(house: House) -> None:
    """Access points of other accounts: whoever they let in gets in, as far as the bucket policy leaves it to them."""
    answer = house.asked((), {})
    found = ways(answer)
    house.collector.doubt(answer, house.cut)
    anybodys = [way for way in found if way.bound.kind is BoundKind.NONE and _by_access_point(way)]
    house.collector.take(
        without_known((_with_door(way) for way in anybodys), house.front),
        house.cut,
        note="anybody can make an access point in an account of their own",
    )
    for way in found:
        if way.bound.kind is BoundKind.ACCESS_POINT and not _holds(house.cut):
            for account in way.bound.names:
                if account != house.resource.owner:
                    _of_account(house, way, account)


def _of_account(house: House, way: Way, account: str) -> None:
    unknown = Unknown(
        reason=Reason.UNDETERMINED,
        detail=f"account {account} decides by its own access points, which nobody else can read",
        needs=f"the policies of the access points of account {account}",
    )
    door = Way(holder=way.holder, action=way.action, bound=way.bound, found=way.found, door=f"of account {account}")
    house.collector.hide((door,), unknown, f"as account {account} pleases", narrowed=True)


def _with_door(way: Way) -> Way:
    return Way(holder=way.holder, action=way.action, bound=way.bound, found=way.found, door="of any account")


def _by_access_point(way: Way) -> bool:
    return any(key == AP_ARN for found in way.found for key, _ in found.witness.context)


def _holds(fact: Fact[bool]) -> bool:
    return isinstance(fact, Known) and fact.value


def described(listed: Listing[AccessPoint], widens: Callable[[str], Fact[bool]]) -> Listing[Told]:
    """The access points as facts."""
    return Listing(
        items=tuple(_told(point, widens(point.name)) for point in listed.items),
        gaps=listed.gaps,
        sources=listed.sources,
    )


def _told(point: AccessPoint, widens: Fact[bool]) -> Told:
    sources = point.policy.sources
    return Told(
        name=Known(value=point.name, sources=sources),
        vpc_only=Known(value=point.network == "VPC", sources=sources),
        blocked=point.block,
        policy_public=point.policy_public,
        widens=widens,
    )
