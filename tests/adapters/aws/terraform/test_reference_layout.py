"""Databricks' reference layout of log delivery: planned for the first time, and after it was applied."""

import pytest

from posture.terraform.plan import Plan
from posture.terraform.read import read_plan
from tests.adapters.aws.terraform.build import GENERATED, verdicts

DELIVERED = "s3://acme-audit-log-delivery/audit-logs"
CREATE, NO_OP = (GENERATED / f"reference-{name}.json" for name in ("create", "no-op"))


@pytest.fixture(scope="module")
def created() -> Plan:
    return read_plan(str(CREATE))


@pytest.fixture(scope="module")
def outcomes(created: Plan) -> dict[str, str]:
    return {control: outcome for (uri, control), outcome in verdicts(created).items() if uri == DELIVERED}


@pytest.mark.parametrize(
    "control",
    [
        *("versioning-enabled", "encrypted-with-customer-key", "clear-text-refused", "object-lock-enabled"),
        *("default-lock-in-compliance-mode", "default-lock-long-enough", "replicated-elsewhere", "access-log-set-up"),
    ],
)
def test_what_the_layout_lacks_fails_before_it_is_created(outcomes: dict[str, str], control: str) -> None:
    assert outcomes[control] == "fail"


@pytest.mark.parametrize(
    "control",
    [
        *("bucket-ignores-public-acls", "bucket-restricts-public-policy", "bucket-refuses-public-acls"),
        *("bucket-refuses-public-policy", "public-acls-ignored", "public-policies-restricted"),
    ],
)
def test_the_public_access_block_passes(outcomes: dict[str, str], control: str) -> None:
    assert outcomes[control] == "pass"


@pytest.mark.parametrize(
    ("control", "outcome"),
    [
        *(("no-public-read", "pass"), ("no-public-write", "pass"), ("no-reading-from-outside", "pass")),
        *(("no-administration-from-outside", "pass"), ("only-the-delivering-role-writes", "pass")),
        *(("vendor-comes-through-our-role", "pass"), ("delivering-role-admitted", "pass")),
        *(("delivering-role-bound-to-our-account", "pass"), ("bucket-policy-not-public", "pass")),
        ("delivery-grant-no-wider-than-needed", "fail"),  # the data source gives the whole bucket, not the prefix
    ],
)
def test_grants_are_decided_from_the_rebuilt_policy(outcomes: dict[str, str], control: str, outcome: str) -> None:
    assert outcomes[control] == outcome


def test_applying_the_plan_changes_no_verdict_but_by_what_only_aws_knows(created: Plan) -> None:
    """Object ownership, doors and receivers of a bucket that is there stand in no plan: what rests on them is open."""
    before, after = verdicts(created), verdicts(read_plan(str(NO_OP)))
    assert before.keys() == after.keys()
    changed = {control: after[uri, control] for uri, control in before if before[uri, control] != after[uri, control]}
    assert set(changed.values()) == {"unknown"}
    assert set(changed) == {
        *("objects-owned-by-bucket-owner", "acl-grants-only-the-owner", "only-the-delivering-role-writes"),
        *("no-listing-from-outside", "no-reading-from-outside", "no-writing-from-outside"),
        *("no-administration-from-outside", "access-points-block-public-access", "access-points-widen-nothing"),
        "no-notices-to-outsiders",
    }
