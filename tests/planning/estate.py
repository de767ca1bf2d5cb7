"""Small plans of an audit-log bucket with its satellites and its delivery, as provider 6 of AWS writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from posture.model.assessment import Finding
from posture.model.logic import Outcome
from posture.model.settings import Settings
from posture.planning import Asked, PlanOutcome, plan
from posture.policy.shipped import shipped_policies
from posture.snapshot import Document, Request
from posture.terraform.plan import Plan
from tests.terraform.plans import Free, change, document, read

AS_OF = "2026-06-15T12:00:00Z"
ACCOUNT = "0f6a1c2e-0000-4000-8000-0000000000aa"
ROLE = "arn:aws:iam::111122223333:role/writer"
ALLOW = {
    "Effect": "Allow",
    "Principal": {"AWS": ROLE},
    "Action": ["s3:PutObject", "s3:GetObject"],
    "Resource": "arn:aws:s3:::acme-logs/audit/*",
}
NO_CLEAR_TEXT = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::acme-logs", "arn:aws:s3:::acme-logs/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}

Values = Mapping[str, Free]


def policy(*statements: Values) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


# What is there before, by address.
BUCKET = "aws_s3_bucket.logs"
DELIVERY = "databricks_mws_log_delivery.audit"
KEY = "aws_kms_key.logs"
POLICY = "aws_s3_bucket_policy.logs"
BLOCK = "aws_s3_bucket_public_access_block.logs"
VERSIONING = "aws_s3_bucket_versioning.logs"
LIFECYCLE = "aws_s3_bucket_lifecycle_configuration.logs"
KEY_ARN = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001"
NOW: Mapping[str, Values] = {
    BUCKET: {
        "bucket": "acme-logs",
        "id": "acme-logs",
        "arn": "arn:aws:s3:::acme-logs",
        "region": "eu-west-1",
        "force_destroy": False,
        "object_lock_enabled": False,
        "acl": None,
        "grant": [],
        "cors_rule": [],
        "lifecycle_rule": [],
        "logging": [],
        "object_lock_configuration": [],
        "replication_configuration": [],
        "server_side_encryption_configuration": [],
        "versioning": [{"enabled": True, "mfa_delete": False}],
        "website": [],
        "policy": policy(ALLOW, NO_CLEAR_TEXT),
        "tags": {},
    },
    KEY: {
        "arn": KEY_ARN,
        "id": KEY_ARN.rpartition("/")[2],
        "key_id": KEY_ARN.rpartition("/")[2],
        "enable_key_rotation": True,
        "is_enabled": True,
        "multi_region": False,
        "policy": policy({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:*", "Resource": "*"}),
        "region": "eu-west-1",
    },
    "aws_s3_bucket_server_side_encryption_configuration.logs": {
        "bucket": "acme-logs",
        "id": "acme-logs",
        "rule": [
            {
                "apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": KEY_ARN}],
                "bucket_key_enabled": True,
            }
        ],
    },
    POLICY: {"bucket": "acme-logs", "id": "acme-logs", "policy": policy(ALLOW, NO_CLEAR_TEXT)},
    BLOCK: {
        "bucket": "acme-logs",
        "id": "acme-logs",
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
    },
    VERSIONING: {
        "bucket": "acme-logs",
        "id": "acme-logs",
        "versioning_configuration": [{"status": "Enabled", "mfa_delete": ""}],
    },
    LIFECYCLE: {
        "bucket": "acme-logs",
        "id": "acme-logs",
        "rule": [
            {
                "id": "old",
                "status": "Enabled",
                "filter": [{"prefix": ""}],
                "expiration": [{"days": 800}],
                "noncurrent_version_expiration": [{"noncurrent_days": 800}],
            }
        ],
    },
    "databricks_mws_storage_configurations.logs": {
        "account_id": ACCOUNT,
        "bucket_name": "acme-logs",
        "storage_configuration_id": "s-1",
        "id": f"{ACCOUNT}/s-1",
    },
    "databricks_mws_credentials.writer": {"role_arn": ROLE, "credentials_id": "c-1", "id": f"{ACCOUNT}/c-1"},
    DELIVERY: {
        "account_id": ACCOUNT,
        "config_id": "d-1",
        "config_name": "audit",
        "log_type": "AUDIT_LOGS",
        "status": "ENABLED",
        "storage_configuration_id": "s-1",
        "credentials_id": "c-1",
        "delivery_path_prefix": "audit",
        "workspace_ids_filter": [],
    },
}


def changed(
    changes: Mapping[str, Free | None] | None = None,
    *,
    actions: Mapping[str, tuple[str, ...]] | None = None,
    without: Iterable[str] = (),
    **members: Free,
) -> dict[str, Free]:
    """The estate as a plan document, with other values after it; None destroys. What is not named stays as it is."""
    entries = []
    for address, before in NOW.items():
        if address in without:
            continue
        after = (changes or {}).get(address, before)
        after = None if after is None else {**before, **after}
        default = ("delete",) if after is None else ("no-op",) if after == before else ("update",)
        entries.append(change(address, after, actions=(actions or {}).get(address, default), before=before))
    return document(entries, **members)


def changing(changes: Mapping[str, Free | None] | None = None, **members: Free) -> Plan:
    """The same, read."""
    return read(changed(changes, **members))


def request(**settings: Free) -> Request:
    documents = tuple(Document(file=path.name, text=path.read_text(encoding="utf-8")) for path in shipped_policies())
    return Request(settings=Settings(**settings), policies=documents, as_of=AS_OF)


def judged(tfplan: Plan, asked: Asked | None = None, **settings: Free) -> PlanOutcome:
    return plan(request(**settings), tfplan, asked or Asked())


def row(outcome: PlanOutcome, control: str, subject: str | None = None) -> Finding:
    """The one row of a control, of a subject where there are several."""
    (found,) = (
        each
        for each in outcome.assessment.findings
        if each.control.id == control
        and each.outcome is not Outcome.NOT_APPLICABLE
        and subject in {None, each.subject.uri}
    )
    return found


def outcomes(outcome: PlanOutcome, prefix: str = "") -> dict[str, Outcome]:
    """Outcomes of the change controls, by control and subject."""
    return {
        f"{each.control.id} {each.subject.uri}": each.outcome
        for each in outcome.assessment.findings
        if each.control.about.value == "change"
        and each.outcome is not Outcome.NOT_APPLICABLE
        and each.control.id.startswith(prefix)
    }
