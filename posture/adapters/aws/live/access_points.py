"""Reads the access points of a bucket: listed once per account and Region, then each with its policy."""

from __future__ import annotations

from functools import partial

from posture.adapters.aws import calls
from posture.adapters.aws.config import AccessPoint
from posture.adapters.aws.live import bucket_answers
from posture.adapters.aws.live.answers import Record, record, setting, text
from posture.adapters.aws.live.multi_region import multi_region_access_points
from posture.adapters.aws.live.owners import Owner
from posture.model.facts import Fact, Gap, Known, Listing, Source, Unknown, both, united
from posture.reading import Answer, Call, Pages, Reading


def list_access_points(owner: Owner, region: Fact[str]) -> Pages:
    """The access points of the owner's account; those of other accounts to the same bucket are never listed."""
    match both(owner.account, region):
        case Known(value=(account, where)):
            return owner.caller.read_all(
                calls.LIST_ACCESS_POINTS, resource=account, parameters={"AccountId": account}, region=where
            )
        case Unknown() as unknown:
            return Pages(items=(), source=Source(operation=calls.LIST_ACCESS_POINTS.operation), gap=unknown)


def access_points(bucket: str, owner: Owner, region: Fact[str], reading: Reading) -> Listing[AccessPoint]:
    """The access points that lead to the bucket, those of its Region and those of many."""
    ordinary = _of_the_region(bucket, owner, region, reading)
    others = multi_region_access_points(bucket, owner, region, reading)
    return Listing(
        items=(*ordinary.items, *others.items),
        gaps=tuple(dict.fromkeys((*ordinary.gaps, *others.gaps))),
        sources=united(ordinary.sources, others.sources),
    )


def _of_the_region(bucket: str, owner: Owner, region: Fact[str], reading: Reading) -> Listing[AccessPoint]:
    pages = list_access_points(owner, region)
    heads = tuple(head for head in (record(item) for item in pages.items) if text(head, "Bucket") == bucket)
    if heads:
        asked = (calls.GET_ACCESS_POINT, calls.GET_ACCESS_POINT_POLICY, calls.GET_ACCESS_POINT_POLICY_STATUS)
        reading.together(*(partial(_ask, call, head, owner, region) for head in heads for call in asked))
    return Listing(
        items=tuple(_access_point(head, owner, region) for head in heads),
        gaps=() if pages.gap is None else (Gap(unknown=pages.gap),),
        sources=(pages.source,),
    )


def _access_point(head: Record, owner: Owner, region: Fact[str]) -> AccessPoint:
    return AccessPoint(
        name=text(head, "Name"),
        arn=text(head, "AccessPointArn"),
        network=text(head, "NetworkOrigin"),
        vpc=text(record(head.get("VpcConfiguration")), "VpcId"),
        block=bucket_answers.block(_ask(calls.GET_ACCESS_POINT, head, owner, region)),
        policy=setting(_ask(calls.GET_ACCESS_POINT_POLICY, head, owner, region), bucket_answers.policy, absent=""),
        policy_public=setting(
            _ask(calls.GET_ACCESS_POINT_POLICY_STATUS, head, owner, region), bucket_answers.public, absent=False
        ),
    )


def _ask(call: Call, head: Record, owner: Owner, region: Fact[str]) -> Answer:
    match both(owner.account, region):
        case Known(value=(account, where)):
            name = text(head, "Name")
            parameters = {"AccountId": account, "Name": name}
            return owner.caller.read(call, resource=name, parameters=parameters, region=where)
        case Unknown() as unknown:
            return unknown
