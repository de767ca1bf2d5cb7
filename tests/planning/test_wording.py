"""An account that nobody names is shown in words, never by the id that stands for it."""

from __future__ import annotations

from posture.planning import Asked
from posture.planning.wording import Wording
from posture.terraform.plan import Plan
from tests.planning.estate import ALLOW, BUCKET, NO_CLEAR_TEXT, POLICY, judged, policy
from tests.terraform.plans import change, module, planned, refs, written

KEYS = "aws.eu"
STANDS_IN = "000000000001"


def nobody_names_the_account() -> Plan:
    """A policy that lets in a role of the plan, whose ARN holds the account of a provider configuration."""
    role = change("aws_iam_role.reader", {"name": "reader", "assume_role_policy": policy()}, ["arn", "id"])
    bucket = change(BUCKET, {"bucket": "acme-logs", "force_destroy": False}, ["arn", "id"])
    text = policy({**ALLOW, "Principal": {"AWS": "arn:aws:iam::000000000001:role/reader"}}, NO_CLEAR_TEXT)
    entries = [role, bucket, change(POLICY, {"bucket": "acme-logs", "policy": text}, ["id"])]
    blocks = [written("aws_iam_role.reader"), written(BUCKET), written(POLICY, bucket=refs(f"{BUCKET}.id", BUCKET))]
    for block in blocks:
        block["provider_config_key"] = KEYS
    provider = {KEYS: {"name": "aws", "alias": "eu"}}
    return planned(entries, configuration={"provider_config": provider, "root_module": module(*blocks)})


def test_an_account_that_nobody_names_is_shown_in_words() -> None:
    outcome = judged(nobody_names_the_account(), Asked(everything=True))
    shown = str([(each.subject, tuple(each.evidence)) for each in outcome.assessment.findings])
    assert "arn:aws:iam::(account of provider aws.eu):role/reader" in shown
    assert STANDS_IN not in shown


def test_only_whole_ids_are_put_in_words() -> None:
    words = Wording({STANDS_IN: "(ours)"})
    uuid = f"0a1b2c3d-0000-4000-8000-{STANDS_IN}"
    texts = (f"arn:aws:iam::{STANDS_IN}:root", uuid, f"9{STANDS_IN}", "")
    assert words.of(texts) == ("arn:aws:iam::(ours):root", uuid, f"9{STANDS_IN}", "")


def test_a_record_without_such_an_id_stays_the_same_object() -> None:
    record = (("a", 1, None),)
    assert Wording({STANDS_IN: "(ours)"}).of(record) is record
    assert Wording({}).of(record) is record
