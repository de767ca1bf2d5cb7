"""What a live scan brings in for what a plan cannot know, and what stays unknown without it."""

from collections.abc import Mapping

import pytest

from posture.adapters.aws.terraform.wing import PlannedAwsWing
from posture.adapters.wings import planned_names
from posture.model.contributions import StoreContribution
from posture.model.facts import Unknown
from posture.model.leads import Found, Lead
from posture.model.subjects import Ownership
from posture.reading import Kept
from posture.terraform.plan import Plan
from tests.adapters.aws.terraform.build import LOGS, bucket, kept, known, plan, premises, unknown
from tests.terraform.plans import Free, one

OURS = "111122223333"
ACCOUNT = {
    "name": "aws",
    "expressions": {
        "region": {"constant_value": "eu-west-1"},
        "allowed_account_ids": {"constant_value": [OURS]},
    },
}
FLAGS = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


def call(operation: str, resource: str = "", /, answer: Mapping[str, Free] | None = None, **parameters: str) -> Kept:
    return Kept(
        identity="aws:default",
        operation=operation,
        parameters=tuple(sorted(parameters.items())),
        resource=resource,
        read_at="2026-03-01T00:00:00Z",
        answer=answer,
    )


SCAN = [
    call("sts:GetCallerIdentity", answer={"Account": OURS}),
    call("s3control:GetPublicAccessBlock", OURS, answer={"PublicAccessBlockConfiguration": FLAGS}, AccountId=OURS),
    call("cloudtrail:DescribeTrails", "eu-west-1", answer={"trailList": []}, Region="eu-west-1"),
    call(
        "s3:GetBucketLocation",
        "acme-logs",
        answer={"LocationConstraint": "eu-west-1"},
        Bucket="acme-logs",
        ExpectedBucketOwner=OURS,
    ),
    *(
        call(operation, "acme-logs", answer=answer, Bucket="acme-logs", ExpectedBucketOwner=OURS, Region="eu-west-1")
        for operation, answer in (
            ("s3:GetPublicAccessBlock", {"PublicAccessBlockConfiguration": FLAGS}),
            (
                "s3:GetBucketOwnershipControls",
                {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
            ),
        )
    ),
]


def said(made: Plan, context: list[Kept]) -> StoreContribution:
    given = premises(made, context=context)
    names = planned_names(given)
    ref = names.target(one(made, LOGS))
    assert ref is not None
    (found,) = PlannedAwsWing(given, names).follow(Lead(target=ref, found=Found(how="x")), given.context).contributions
    assert isinstance(found, StoreContribution)
    return found


def test_the_account_of_a_new_bucket_is_as_a_scan_saw_it() -> None:
    made = plan(bucket(), provider=ACCOUNT)
    without, with_scan = said(made, []), said(made, SCAN)
    assert unknown(without.exposure.blocked.account.restrict_public_buckets).needs == "--context"
    assert known(with_scan.exposure.blocked.account.restrict_public_buckets) is True
    assert isinstance(without.monitoring.object_reads_recorded, Unknown)
    assert known(with_scan.monitoring.object_reads_recorded) is False


@pytest.mark.parametrize("action", ["no-op", "update"])
def test_what_no_resource_of_the_plan_sets_is_as_a_scan_saw_it(action: str) -> None:
    made = plan(kept(action=action), provider=ACCOUNT)
    without, with_scan = said(made, []), said(made, SCAN)
    assert unknown(without.exposure.blocked.bucket.ignore_public_acls).needs == "--context"
    assert known(with_scan.exposure.blocked.bucket.ignore_public_acls) is True
    assert unknown(without.acl.ownership).needs == "--context"
    assert known(with_scan.acl.ownership) is Ownership.ENFORCED


def test_a_scan_says_nothing_of_a_bucket_that_is_made_anew() -> None:
    again = bucket()
    again["change"] |= {"actions": ["delete", "create"], "before": {"bucket": "acme-logs"}}
    assert known(said(plan(again, provider=ACCOUNT), SCAN).acl.ownership) is Ownership.ENFORCED
