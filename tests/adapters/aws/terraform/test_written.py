"""Policies that a plan hides, as the files of the configuration write them."""

import json
from pathlib import Path

import pytest

from posture.terraform.plan import Plan
from tests.adapters.aws.terraform.build import LOGS, beside, bucket, config, configuration, known, plan, store, unknown
from tests.terraform.plans import Free, change, refs, written

DOCUMENT = "data.aws_iam_policy_document.d"
ARN = refs("aws_s3_bucket.logs.arn", "aws_s3_bucket.logs", "aws_s3_bucket.logs.arn", "aws_s3_bucket.logs")
POLICY = beside("aws_s3_bucket_policy", unknown=["policy"])
TO_LOGS = refs("aws_s3_bucket.logs.id", "aws_s3_bucket.logs")
STATEMENT = {
    "effect": "Deny",
    "actions": ["s3:*"],
    "principals": [{"type": "*", "identifiers": ["*"]}],
    "condition": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}],
    "resources": [None, None],
}
HCL = """
data "aws_iam_policy_document" "d" {
  statement {
    effect  = "Deny"
    actions = ["s3:*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
    resources = %s
  }
}
"""
BOTH = '[aws_s3_bucket.logs.arn, "${aws_s3_bucket.logs.arn}/*"]'


def of_document(source: Path | None) -> Plan:
    marks = {"json": True, "id": True, "statement": [{"resources": [True, True]}]}
    document = change(DOCUMENT, {"statement": [STATEMENT]}, marks, actions=("read",))
    inside = [{"effect": {"constant_value": "Deny"}, "resources": ARN}]
    more = [
        written("aws_s3_bucket_policy.logs", bucket=TO_LOGS, policy=refs(f"{DOCUMENT}.json", DOCUMENT)),
        written(DOCUMENT, statement=inside),
    ]
    return plan(bucket(), POLICY, document, root=configuration(LOGS, more=more), source=source)


def test_a_refusal_whose_resources_only_apply_makes_is_open_and_says_what_shows_it() -> None:
    found = store(of_document(None))
    why = unknown(found.refusals.tls_required)
    assert "--source" in why.needs
    assert "is no resource ARN" in why.detail


@pytest.mark.parametrize(
    ("resources", "refused"),
    [
        (BOTH, True),
        ('["${aws_s3_bucket.logs.arn}/a/*", "${aws_s3_bucket.logs.arn}/b/*"]', False),
        ("[aws_s3_bucket.logs.arn, aws_s3_bucket.logs.arn]", False),
    ],
)
def test_the_files_tell_which_resources(tmp_path: Path, resources: str, refused: object) -> None:
    (tmp_path / "main.tf").write_text(HCL % resources)
    assert known(store(of_document(tmp_path)).refusals.tls_required) is refused


@pytest.mark.parametrize(
    "resources",
    [
        "[for each in local.x : each]",
        '["${aws_s3_bucket.other.arn}/*", aws_s3_bucket.other.arn]',  # of another configuration
        'concat([aws_s3_bucket.logs.arn], ["${aws_s3_bucket.logs.arn}/*"])',
    ],
)
def test_what_cannot_be_put_together_stays_open(tmp_path: Path, resources: str) -> None:
    (tmp_path / "main.tf").write_text(HCL % resources)
    unknown(store(of_document(tmp_path)).refusals.tls_required)


def encoded(tmp_path: Path, policy: str, *texts: str, more: str = "") -> dict[str, Free]:
    (tmp_path / "main.tf").write_text(
        f'resource "aws_s3_bucket_policy" "logs" {{\n  bucket = aws_s3_bucket.logs.id\n  policy = {policy}\n}}\n{more}'
    )
    items = [written("aws_s3_bucket_policy.logs", bucket=TO_LOGS, policy=refs(*texts))]
    made = plan(bucket(), POLICY, root=configuration(LOGS, more=items), source=tmp_path)
    body: dict[str, Free] = json.loads(known(config(made).policy))
    return body


STAR = '{ Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = %s }] }'
REFERENCE = ("aws_s3_bucket.logs.arn", "aws_s3_bucket.logs")


def test_a_policy_that_is_encoded_is_spelled_out(tmp_path: Path) -> None:
    found = encoded(tmp_path, f"jsonencode({STAR % BOTH})", *REFERENCE)
    (statement,) = found["Statement"]
    assert statement["Principal"] == "*"
    assert statement["Resource"] == ["arn:aws:s3:::acme-logs", "arn:aws:s3:::acme-logs/*"]


def test_a_policy_in_a_heredoc_is_spelled_out(tmp_path: Path) -> None:
    text = '<<-EOT\n    {"Statement": [{"Resource": "${aws_s3_bucket.logs.arn}/*"}]}\n  EOT'
    found = encoded(tmp_path, text, *REFERENCE)
    assert found == {"Statement": [{"Resource": "arn:aws:s3:::acme-logs/*"}]}


def test_a_policy_behind_a_local_is_spelled_out(tmp_path: Path) -> None:
    more = f"locals {{\n  where = {BOTH}\n}}\nlocals {{\n  policy = jsonencode({STAR % 'local.where'})\n}}\n"
    found = encoded(tmp_path, "local.policy", "local.policy", more=more)
    assert found["Statement"][0]["Resource"] == ["arn:aws:s3:::acme-logs", "arn:aws:s3:::acme-logs/*"]


def test_an_open_part_closes_no_more_than_its_place(tmp_path: Path) -> None:
    policy = (
        'jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", '
        'Resource = "arn:aws:s3:::${x_other.name}/*", Condition = { StringEquals = { "aws:x" = x_other.name } } }] })'
    )
    found = encoded(tmp_path, policy, "x_other.name")
    (statement,) = found["Statement"]
    assert statement["Principal"] == "*"
    assert statement["Resource"] == "(known after apply)"
    assert statement["Condition"] == {"(known after apply)": {}}


GOOD = """
data "aws_iam_policy_document" "d" {
  source_policy_documents = [data.databricks_aws_bucket_policy.v.json]
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.logs.arn, "${aws_s3_bucket.logs.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}
"""


def test_a_first_plan_with_both_policies_is_decided(tmp_path: Path) -> None:
    """The policy of the data source for the role of the plan, and a refusal of clear text, all known after apply."""
    (tmp_path / "main.tf").write_text(GOOD)
    vendor, role = "data.databricks_aws_bucket_policy.v", "aws_iam_role.w"
    entries = [
        change(
            DOCUMENT,
            {"statement": [STATEMENT], "source_policy_documents": [None]},
            {"json": True, "id": True, "statement": [{"resources": [True, True]}], "source_policy_documents": [True]},
            actions=("read",),
        ),
        change(vendor, {"bucket": "acme-logs"}, ["json", "id", "full_access_role"], actions=("read",)),
        change(role, {"name": "writer"}, ["arn", "id"]),
    ]
    more = [
        written("aws_s3_bucket_policy.logs", bucket=TO_LOGS, policy=refs(f"{DOCUMENT}.json", DOCUMENT)),
        written(
            DOCUMENT,
            statement=[{"effect": {"constant_value": "Deny"}, "resources": ARN}],
            source_policy_documents=refs(f"{vendor}.json", vendor),
        ),
        written(vendor, full_access_role=refs(f"{role}.arn", role)),
        written(role),
    ]
    found = store(plan(bucket(), POLICY, *entries, root=configuration(LOGS, more=more), source=tmp_path))
    assert known(found.refusals.tls_required) is True
    assert not found.grants.gaps
    assert {known(grant.principal) for grant in found.grants.items} == {"arn:aws:iam::000000000001:role/writer"}
    assert {known(grant.scope) for grant in found.grants.items} == {"own"}
