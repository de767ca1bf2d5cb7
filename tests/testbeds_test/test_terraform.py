"""The stand-in providers: what Terraform makes of them has the shape of what it makes of the real ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.testbeds.terraform.workspace import Terraform, TerraformFailedError, Workspace

pytestmark = pytest.mark.terraform

BUCKET = """
resource "aws_s3_bucket" "logs" { bucket = "shape-of-a-bucket" }
resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = data.aws_iam_policy_document.logs.json
}
data "aws_iam_policy_document" "logs" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.logs.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["123456789012"]
    }
  }
}
"""
FROM_STATE = {"arn", "bucket_domain_name", "bucket_regional_domain_name", "hosted_zone_id", "id", "tags_all"}
BLOCKS = {
    "cors_rule", "grant", "lifecycle_rule", "logging", "object_lock_configuration", "replication_configuration",
    "server_side_encryption_configuration", "versioning", "website",
}  # fmt: skip


def workspace(terraform: Terraform, folder: Path, text: str) -> Workspace:
    (folder / "main.tf").write_text(text)
    return Workspace(terraform=terraform, folder=folder).init()


def change(plan: Path, address: str) -> dict[str, Any]:
    (found,) = (each for each in json.loads(plan.read_text())["resource_changes"] if each["address"] == address)
    inner: dict[str, Any] = found["change"]
    return inner


def test_a_new_bucket_has_the_unknowns_of_a_public_plan(terraform_command: Terraform, tmp_path: Path) -> None:
    plan = workspace(terraform_command, tmp_path, BUCKET).plan()
    new = change(plan, "aws_s3_bucket.logs")
    assert new["after"] == {"bucket": "shape-of-a-bucket", "force_destroy": False, "region": "us-east-1", "tags": None}
    unknown = {name for name, mark in new["after_unknown"].items() if mark is True}
    assert unknown > {*FROM_STATE, *BLOCKS, "policy", "acl", "bucket_prefix", "object_lock_enabled", "request_payer"}
    assert change(plan, "aws_s3_bucket_policy.logs")["after_unknown"] == {"bucket": True, "id": True, "policy": True}
    assert change(plan, "data.aws_iam_policy_document.logs")["actions"] == ["read"]
    assert change(plan, "data.aws_iam_policy_document.logs")["after"]["statement"][0]["resources"] == [None]


def test_after_apply_nothing_changes_and_the_bucket_shows_what_others_set(
    terraform_command: Terraform, tmp_path: Path
) -> None:
    place = workspace(terraform_command, tmp_path, BUCKET)
    place.plan()
    place.apply()
    again = place.plan(name="again")
    bucket = change(again, "aws_s3_bucket.logs")
    assert bucket["actions"] == change(again, "aws_s3_bucket_policy.logs")["actions"] == ["no-op"]
    assert bucket["after"]["versioning"] == [{"enabled": True, "mfa_delete": False}]
    (rule,) = bucket["after"]["server_side_encryption_configuration"][0]["rule"]
    assert rule["apply_server_side_encryption_by_default"][0]["sse_algorithm"] == "AES256"
    (statement,) = json.loads(bucket["after"]["policy"])["Statement"]
    assert statement["Resource"] == "arn:aws:s3:::shape-of-a-bucket/*"


def test_another_name_is_another_bucket(terraform_command: Terraform, tmp_path: Path) -> None:
    place = workspace(terraform_command, tmp_path, BUCKET)
    place.plan()
    place.apply()
    (tmp_path / "main.tf").write_text(BUCKET.replace("shape-of-a-bucket", "another-bucket"))
    assert change(place.plan(), "aws_s3_bucket.logs")["actions"] == ["delete", "create"]


def test_what_a_provider_does_not_know_is_refused(terraform_command: Terraform, tmp_path: Path) -> None:
    place = workspace(terraform_command, tmp_path, 'resource "aws_s3_bucket" "logs" { buckets = "x" }')
    with pytest.raises(TerraformFailedError, match="Unsupported argument"):
        place.plan()
