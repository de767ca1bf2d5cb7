"""Access control lists of planned buckets: canned, written out, and as a refresh saw them."""

import json

import pytest

from posture.adapters.aws.terraform.bucket import bucket_config
from posture.model.facts import Unknown
from posture.model.subjects import ActionClass, Scope
from posture.terraform.plan import Plan
from tests.adapters.aws.terraform.build import LOGS, beside, bucket, config, kept, known, plan, store, tools, unknown
from tests.terraform.plans import Free, change, one

OWNER, OTHER = "a" * 64, "b" * 64
FULL = {"id": OWNER, "type": "CanonicalUser", "permissions": ["FULL_CONTROL"], "uri": ""}
PUBLIC = {
    "id": "",
    "type": "Group",
    "permissions": ["READ"],
    "uri": "http://acs.amazonaws.com/groups/global/AllUsers",
}
ME = change("data.aws_canonical_user_id.me", {"id": OWNER}, actions=("read",))


def there(address: str, **values: Free) -> dict[str, Free]:
    """A satellite that is there and stays."""
    return change(address, values, actions=("no-op",), before=values)


def controls(rule: str, name: str = "acme-logs") -> dict[str, Free]:
    return there("aws_s3_bucket_ownership_controls.logs", bucket=name, rule=[{"object_ownership": rule}])


def outside(found: Plan) -> set[tuple[str, str]]:
    """Who is known to get in, and what may be missing from that list by its scope."""
    grants = store(found).grants
    shown: set[tuple[str, str]] = {(known(grant.scope), known(grant.action).value) for grant in grants.items}
    for gap in grants.gaps:
        limits = dict(gap.limits)
        shown |= {(f"{scope}?", action) for scope in limits.get("scope", ("any",)) for action in limits["action"]}
    return shown


@pytest.mark.parametrize(
    ("acl", "count"),
    [
        ({"acl": "private"}, 0),
        ({"acl": "public-read-write"}, 2),
        ({"acl": "log-delivery-write"}, 2),
        (
            {
                "acl": None,
                "access_control_policy": [
                    {
                        "owner": [{"id": "me"}],
                        "grant": [
                            {"permission": "FULL_CONTROL", "grantee": [{"type": "CanonicalUser", "id": "me"}]},
                            {"permission": "READ", "grantee": [{"type": "CanonicalUser", "id": "other"}]},
                        ],
                    }
                ],
            },
            2,
        ),
    ],
)
def test_access_control_lists(acl: dict[str, Free], count: int) -> None:
    assert len(known(config(plan(bucket(), beside("aws_s3_bucket_acl", **acl))).acl).grants) == count


def test_a_canonical_user_may_be_the_owner_where_the_plan_does_not_say_who_that_is() -> None:
    found = known(config(plan(kept(grant=[FULL]))).acl)
    (line,) = found.unread
    assert (found.grants, found.owner, line.public) == ((), "", False)
    assert "data.aws_canonical_user_id" in line.unknown.needs
    found = known(config(plan(kept(grant=[FULL]), ME)).acl)
    assert (found.owner, found.unread) == (OWNER, ())


def test_a_line_that_cannot_be_read_hides_no_other_one() -> None:
    given = plan(
        kept(grant=[FULL, PUBLIC]),
        controls("ObjectWriter"),
        there("aws_s3_bucket_public_access_block.logs", bucket="acme-logs"),
        there("aws_s3_account_public_access_block.all", account_id="111122223333"),
    )
    assert (Scope.PUBLIC, ActionClass.LIST) in outside(given)
    assert known(store(given).acl.grants_beyond_owner) is True


def test_one_account_that_nobody_knows_is_not_the_public() -> None:
    found = outside(
        plan(
            kept(grant=[FULL]),
            controls("ObjectWriter"),
            there("aws_s3_bucket_policy.logs", bucket="acme-logs", policy=""),
        )
    )
    lists = {scope for scope, action in found if action == ActionClass.LIST}
    assert lists == {"own?", "outside?"}
    unknown(store(plan(kept(grant=[FULL]), controls("ObjectWriter"))).acl.grants_beyond_owner)


def test_a_line_of_which_nobody_knows_the_kind_may_be_an_account_though_public_ones_are_ignored() -> None:
    before: dict[str, Free] = {"bucket": "acme-logs", "id": "acme-logs", "grant": [PUBLIC], "region": "eu-west-1"}
    hidden = change(LOGS, {**before, "grant": [{}]}, {"grant": [{"type": True}]}, actions=("update",), before=before)
    ignored = there(
        "aws_s3_bucket_public_access_block.logs", bucket="acme-logs", ignore_public_acls=True, block_public_acls=True
    )
    unknown(store(plan(hidden, controls("ObjectWriter"), ignored)).acl.grants_beyond_owner)
    seen = change(LOGS, before, actions=("no-op",), before=before)
    assert known(store(plan(seen, controls("ObjectWriter"), ignored)).acl.grants_beyond_owner) is False


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ([ME], True),
        ([controls("BucketOwnerEnforced", "acme-other")], True),
        ([controls("BucketOwnerPreferred", "acme-other")], False),
        (
            [
                there(
                    "aws_s3_bucket_acl.other",
                    bucket="acme-other",
                    acl="",
                    access_control_policy=[{"owner": [{"id": OWNER}], "grant": []}],
                )
            ],
            True,
        ),
        (
            [
                there(
                    "aws_s3_bucket_acl.other",
                    bucket="acme-foreign",
                    acl="",
                    access_control_policy=[{"owner": [{"id": OWNER}], "grant": []}],
                )
            ],
            False,
        ),
    ],
    ids=["data source", "a bucket without lists", "a bucket with lists", "the list of a bucket", "of no bucket here"],
)
def test_who_the_owner_is_other_buckets_of_the_account_tell(more: list[dict[str, Free]], *, told: bool) -> None:
    other = kept("aws_s3_bucket.other", "acme-other", grant=[FULL])
    found = known(config(plan(kept(grant=[FULL]), other, *more)).acl)
    assert (found.owner, len(found.unread)) == ((OWNER, 0) if told else ("", 1))


def test_two_lines_of_a_list_do_not_tell_the_owner() -> None:
    other = kept("aws_s3_bucket.other", "acme-other", grant=[FULL, {**FULL, "id": OTHER}])
    found = known(config(plan(kept(grant=[FULL]), other, controls("BucketOwnerEnforced", "acme-other"))).acl)
    assert found.owner == ""


def test_controls_that_the_plan_adds_say_nothing_of_what_was_refreshed() -> None:
    new = change(
        "aws_s3_bucket_ownership_controls.logs",
        {"bucket": "acme-other", "rule": [{"object_ownership": "BucketOwnerEnforced"}]},
    )
    other = kept("aws_s3_bucket.other", "acme-other", grant=[{**FULL, "id": OTHER}])
    assert known(config(plan(kept(grant=[FULL]), other, new)).acl).owner == ""


def test_a_list_that_apply_will_set_is_not_private() -> None:
    before = {"bucket": "acme-logs", "id": "acme-logs", "acl": None, "grant": [FULL], "region": "eu-west-1"}
    given = plan(change(LOGS, {**before, "grant": None}, ["grant"], actions=("update",), before=before))
    unknown(bucket_config(one(given, LOGS), tools(given)).acl)


def test_a_new_bucket_has_a_private_list_of_its_owner() -> None:
    found = known(config(plan(bucket(), ME)).acl)
    assert (found.owner, found.grants, found.unread) == (OWNER, (), ())


def test_a_policy_that_names_a_canonical_user_names_perhaps_the_owner() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"CanonicalUser": OWNER},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::acme-logs/*",
    }
    policy = beside("aws_s3_bucket_policy", policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    (grant,) = store(plan(bucket(), policy)).grants.items
    assert isinstance(grant.scope, Unknown)
    (grant,) = store(plan(bucket(), policy, ME)).grants.items
    assert known(grant.scope) is Scope.OWN
