"""Planned access points of a bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from posture.adapters.aws.config import AccessPoint
from posture.adapters.aws.terraform.documents import Documents
from posture.adapters.aws.terraform.homes import Homes
from posture.adapters.aws.terraform.identities import ACCESS_POINT, BUCKET
from posture.adapters.aws.terraform.satellites import the_one
from posture.adapters.aws.terraform.settings import all_alike, block_public_access
from posture.adapters.planned import placeholder
from posture.model.contributions import Door
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown, united
from posture.model.subjects import BlockPublicAccess
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Resource

_KIND: Final = "aws_s3_access_point"
_MULTI_REGION: Final = "aws_s3control_multi_region_access_point"
_MULTI_REGION_POLICY: Final = "aws_s3control_multi_region_access_point_policy"
_EITHER: Final = (_MULTI_REGION, _MULTI_REGION_POLICY)
_POLICY: Final = "aws_s3control_access_point_policy"
_AS_IT_IS: Final = (Action.NONE, Action.NO_OP)
NOT_ASKED: Final = Unknown(
    reason=Reason.NOT_COLLECTED, detail="whether AWS calls the policy public can be asked of what is there only"
)


def access_points(
    bucket: Resource, plan: Plan, homes: Homes, documents: Documents, was: Callable[[], Listing[AccessPoint]]
) -> Listing[AccessPoint]:
    """The access points that this plan makes or keeps; a bucket that is there may have others."""
    listed = plan.attached(bucket, _KIND, "bucket", identity=BUCKET)
    items = tuple(_access_point(item, plan, homes, documents) for item in listed.items)
    gaps = (*listed.gaps, *_multi_region(plan))
    if bucket.made:
        return Listing(items=items, gaps=gaps, sources=listed.sources)
    live, planned = was(), {point.name for point in items}
    gone = {
        departure.before.text("name")
        for departure in plan.departures
        if departure.address.kind == _KIND and departure.action is Action.DELETE
    }
    left = {name.value for name in gone if isinstance(name, Known)}
    others = tuple(point for point in live.items if point.name not in planned | left)
    return Listing(items=(*items, *others), gaps=(*gaps, *live.gaps), sources=united(listed.sources, live.sources))


def through_many_regions(plan: Plan, documents: Documents, doors: Listing[Door]) -> Listing[Door]:
    """The doors of a bucket, and the policies of Multi-Region Access Points, each of which may lead to any bucket.

    Such a policy can be compared with what it was; where a planned access point leads stays open.
    """
    policies = plan.of_kind(_MULTI_REGION_POLICY)
    compared = {*(each.shown for each in policies), *(each.shown for each in plan.departures)}
    items = tuple(Door(name=each.shown, policy=_multi_region_policy(each, documents)) for each in policies)
    gaps = tuple(gap for gap in doors.gaps if not any(each.operation in compared for each in gap.unknown.sources))
    return replace(doors, items=(*doors.items, *items), gaps=gaps)


def _multi_region_policy(resource: Resource, documents: Documents) -> Fact[str]:
    details = Place(values=resource.after, resource=resource).block("details")
    return details.then(lambda block: documents.text(block.at("policy")) if block else _nothing())


def _multi_region(plan: Plan) -> Iterator[Gap]:
    """The planned changes of Multi-Region Access Points, each of which may lead to any bucket."""
    planned = [each.shown for kind in _EITHER for each in plan.of_kind(kind) if each.action not in _AS_IT_IS]
    gone = [each.shown for each in plan.departures if each.address.kind in _EITHER]
    for change in (*planned, *gone):
        yield Gap(
            unknown=Unknown(
                reason=Reason.NOT_COLLECTED,
                sources=(Source(operation=change),),
                detail="a planned Multi-Region Access Point is not followed to its buckets",
                needs="a scan after it is applied",
            )
        )


def _access_point(point: Resource, plan: Plan, homes: Homes, documents: Documents) -> AccessPoint:
    place = Place(values=point.after, resource=point)
    home = homes.of(point)
    region = home.region.value if isinstance(home.region, Known) else ""
    account = home.account.value if isinstance(home.account, Known) else ""
    name = point.known("name") or placeholder(point)
    vpc = place.block("vpc_configuration").then(lambda block: block.text("vpc_id") if block else _nothing())
    inside = vpc.value if isinstance(vpc, Known) else placeholder(point)
    return AccessPoint(
        name=name,
        arn=point.known("arn") or f"arn:{home.partition}:s3:{region}:{account}:accesspoint/{name}",
        network="VPC" if inside else "Internet",
        vpc=inside,
        block=_block(place),
        policy=_policy(point, plan, documents),
        policy_public=NOT_ASKED,
    )


def _nothing() -> Fact[str]:
    return Known(value="", sources=())


def _block(place: Place) -> BlockPublicAccess:
    """All four on where nothing is written: what S3 gives a new access point, and nobody can change later."""
    block = place.block("public_access_block_configuration")
    if isinstance(block, Unknown):
        return all_alike(block)
    return _flags(block.value) if block.value is not None else all_alike(Known(value=True, sources=block.sources))


def _flags(block: Place) -> BlockPublicAccess:
    """The provider takes true for what is not written in the block."""
    written = block_public_access(block)

    def flag(name: str, fact: Fact[bool]) -> Fact[bool]:
        return Known(value=True, sources=fact.sources) if block.at(name).values.raw is None else fact

    return BlockPublicAccess(
        block_public_acls=flag("block_public_acls", written.block_public_acls),
        ignore_public_acls=flag("ignore_public_acls", written.ignore_public_acls),
        block_public_policy=flag("block_public_policy", written.block_public_policy),
        restrict_public_buckets=flag("restrict_public_buckets", written.restrict_public_buckets),
    )


def _policy(point: Resource, plan: Plan, documents: Documents) -> Fact[str]:
    """The policy of a resource beside it, or its own."""
    match the_one(plan, point, _POLICY, "access_point_arn", ACCESS_POINT):
        case Unknown() as unknown:
            return unknown
        case Known(value=Place() as beside):
            return documents.text(beside.at("policy"))
        case _:
            pass
    own = Place(values=point.after, resource=point).at("policy")
    if point.new and own.values.unknown is True and plan.sets(point, "policy") is False:
        return Known(value="", sources=(point.after.source,))
    return documents.text(own)
