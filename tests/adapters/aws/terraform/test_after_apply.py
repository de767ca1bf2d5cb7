"""One estate as it is planned first, and as it is planned again once it is there: the same verdicts."""

from posture.terraform.plan import Plan
from posture.terraform.read import read_plan
from tests.adapters.aws.terraform.build import BLOCKS, COMPUTED, GENERATED, LOGS, kept, plan, verdicts
from tests.terraform.plans import Free, change

KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001"
POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject",'
    '"Resource":"arn:aws:s3:::acme-logs/*"}]}'
)
SATELLITES: dict[str, dict[str, Free]] = {
    "aws_s3_bucket_policy": {"policy": POLICY},
    "aws_s3_bucket_ownership_controls": {"rule": [{"object_ownership": "BucketOwnerEnforced"}]},
    "aws_s3_bucket_public_access_block": dict.fromkeys(
        ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
    ),
    "aws_s3_bucket_versioning": {"versioning_configuration": [{"status": "Enabled", "mfa_delete": ""}]},
}
ACCOUNT: dict[str, Free] = dict(
    SATELLITES["aws_s3_bucket_public_access_block"], account_id="111122223333", id="111122223333"
)
OTHERS_MAY_MAKE = {  # a bucket shows neither its access points nor whom it tells: more may be there
    "access-points-block-public-access",
    "access-points-widen-nothing",
    "no-notices-to-outsiders",
}


def first() -> Plan:
    """Nothing is there yet, and all that the provider computes is known after apply."""
    return plan(
        change(LOGS, {"bucket": "acme-logs", "force_destroy": False, "region": "eu-west-1"}, COMPUTED),
        *(change(f"{kind}.logs", {"bucket": "acme-logs", **values}, ["id"]) for kind, values in SATELLITES.items()),
        change("aws_s3_account_public_access_block.all", ACCOUNT),
    )


def again() -> Plan:
    """All is there, the bucket shows what is set of it, and nothing changes."""
    owner: Free = {"id": "a" * 64, "type": "CanonicalUser", "permissions": ["FULL_CONTROL"], "uri": ""}
    encrypted: Free = {
        "apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256", "kms_master_key_id": ""}]
    }
    shown: dict[str, Free] = {
        "force_destroy": False,
        "grant": [owner],
        "policy": POLICY,
        "server_side_encryption_configuration": [{"rule": [{**encrypted, "bucket_key_enabled": False}]}],
        "versioning": [{"enabled": True, "mfa_delete": False}],
        "tags_all": {},
    }
    assert {"grant", "versioning"} < set(BLOCKS)
    there = [
        (f"{kind}.logs", {"bucket": "acme-logs", "id": "acme-logs", **values}) for kind, values in SATELLITES.items()
    ]
    there.append(("aws_s3_account_public_access_block.all", ACCOUNT))
    return plan(kept(**shown), *(change(name, values, actions=("no-op",), before=values) for name, values in there))


def lost(before: Plan, after: Plan) -> dict[tuple[str, str], tuple[str, str]]:
    """The rows that are decided in the one and not the same in the other."""
    now = verdicts(after)
    return {
        row: (verdict, now[row])
        for row, verdict in verdicts(before).items()
        if verdict in {"pass", "fail"} and now[row] != verdict
    }


def test_a_plan_of_no_change_decides_what_the_first_one_did() -> None:
    assert {control for _, control in lost(first(), again())} == OTHERS_MAY_MAKE
    assert sum(verdict in {"pass", "fail"} for verdict in verdicts(first()).values()) > 25


def test_it_takes_no_setting_for_granted_that_it_does_not_show() -> None:
    """The module has no ownership controls: a new bucket has them, one that is there was perhaps made before 2023."""
    found = lost(
        read_plan(str(GENERATED / "reference-create.json")), read_plan(str(GENERATED / "reference-no-op.json"))
    )
    assert {verdict for _, verdict in found.values()} == {"unknown"}
    assert {control for _, control in found} == OTHERS_MAY_MAKE | {
        "objects-owned-by-bucket-owner",
        "acl-grants-only-the-owner",
        *(f"no-{what}-from-outside" for what in ("listing", "reading", "writing", "administration")),
        "only-the-delivering-role-writes",
    }
