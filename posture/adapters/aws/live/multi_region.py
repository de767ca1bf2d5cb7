"""Reads the Multi-Region Access Points of a bucket: listed once per account, then each with its policy."""

from __future__ import annotations

from functools import partial

from posture.adapters.aws import multi_region_calls as calls
from posture.adapters.aws.arns import partition_of
from posture.adapters.aws.config import AccessPoint
from posture.adapters.aws.live import bucket_answers
from posture.adapters.aws.live.answers import Record, document, found, record, setting, text
from posture.adapters.aws.live.owners import Owner
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Source, Unknown, both
from posture.reading import Answer, Call, Pages, Reading


def list_multi_region(owner: Owner, region: Fact[str]) -> Pages:
    """Those of the owner's account, wherever their buckets are.

    AWS lists the Regions that can have them, all in the partition `aws`: elsewhere there are none to ask for (Amazon S3
    User Guide, "Multi-Region Access Point restrictions and limitations").
    """
    source = Source(operation=calls.LIST_MULTI_REGION_ACCESS_POINTS.operation)
    match both(owner.account, region):
        case Known(value=(_, where)) if partition_of(where) != "aws":
            return Pages(items=(), source=source)
        case Known(value=(account, _)):
            return owner.caller.read_all(
                calls.LIST_MULTI_REGION_ACCESS_POINTS,
                resource=account,
                parameters={"AccountId": account},
                region=calls.CONTROL_REGION,
            )
        case Unknown() as unknown:
            return Pages(items=(), source=source, gap=unknown)


def multi_region_access_points(bucket: str, owner: Owner, region: Fact[str], reading: Reading) -> Listing[AccessPoint]:
    """Those that lead to the bucket, by their aliases: a name alone may be that of an ordinary access point too."""
    pages = list_multi_region(owner, region)
    heads = tuple(head for head in (record(item) for item in pages.items) if _leads_to(head, bucket))
    if heads:
        asked = (calls.GET_MULTI_REGION_ACCESS_POINT_POLICY, calls.GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS)
        reading.together(*(partial(_ask, call, head, owner) for head in heads for call in asked))
    return Listing(
        items=tuple(_access_point(head, owner, pages.source) for head in heads),
        gaps=() if pages.gap is None else (Gap(unknown=pages.gap),),
        sources=(pages.source,),
    )


def _leads_to(head: Record, bucket: str) -> bool:
    """Whether the bucket is one of its buckets; what does not say where it leads may lead to this one."""
    match head.get("Regions"):
        case [*regions]:
            return any(text(record(each), "Bucket") == bucket for each in regions)
        case _:
            return True


def _access_point(head: Record, owner: Owner, source: Source) -> AccessPoint:
    account = owner.account.value if isinstance(owner.account, Known) else ""
    alias = text(head, "Alias")
    return AccessPoint(
        name=alias,
        arn=f"arn:aws:s3::{account}:accesspoint/{alias}",
        network="Internet",
        multi_region=True,
        vpc="",
        block=bucket_answers.flags(record(head.get("PublicAccessBlock")), source.at("PublicAccessBlock")),
        policy=setting(_ask(calls.GET_MULTI_REGION_ACCESS_POINT_POLICY, head, owner), _policy, absent=""),
        policy_public=setting(
            _ask(calls.GET_MULTI_REGION_ACCESS_POINT_POLICY_STATUS, head, owner), _public, absent=False
        ),
    )


def _policy(answer: Record, source: Source) -> Fact[str]:
    """The policy in force: a new one is in force here and there, and established once all Regions have it."""
    policies = record(answer.get("Policy"))
    established, proposed = (record(policies.get(state)).get("Policy") for state in ("Established", "Proposed"))
    if proposed is not None and proposed != established:
        return Unknown(
            reason=Reason.UNDETERMINED,
            sources=(source.at("Policy", "Proposed"),),
            detail="a new policy is on its way to the Regions, and no Region says whether it has arrived",
            needs="the read again, once the policy is established",
        )
    if established is None:
        return Known(value="", sources=(source.at("Policy"),))
    return document(established, source.at("Policy", "Established", "Policy"))


def _public(answer: Record, source: Source) -> Fact[bool]:
    status = record(answer.get("Established")).get("IsPublic")
    return found(status if isinstance(status, bool) else None, source.at("Established", "IsPublic"), "IsPublic")


def _ask(call: Call, head: Record, owner: Owner) -> Answer:
    match owner.account:
        case Known(value=account):
            name = text(head, "Name")
            parameters = {"AccountId": account, "Name": name}
            return owner.caller.read(call, resource=name, parameters=parameters, region=calls.CONTROL_REGION)
        case Unknown() as unknown:
            return unknown
