"""The Databricks account's own JSON, record by record, from what a test wants to say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.testbeds.databricks import ACCOUNT, Json, Record

_MADE = 1_700_000_000_000


def storage_configuration(identity: str, bucket: str) -> Record:
    """A storage configuration that points at a bucket."""
    return {
        "account_id": ACCOUNT,
        "storage_configuration_id": identity,
        "storage_configuration_name": identity,
        "root_bucket_info": {"bucket_name": bucket},
        "creation_time": _MADE,
    }


def credential(identity: str, role: str) -> Record:
    """A credentials configuration with a role's ARN."""
    return {
        "account_id": ACCOUNT,
        "credentials_id": identity,
        "credentials_name": identity,
        "aws_credentials": {"sts_role": {"role_arn": role}},
        "creation_time": _MADE,
    }


def workspace(identity: int, name: str, *, storage: str, region: str = "us-east-1") -> Record:
    """A running workspace with its root storage configuration."""
    return {
        "account_id": ACCOUNT,
        "workspace_id": identity,
        "workspace_name": name,
        "deployment_name": name,
        "cloud": "aws",
        "aws_region": region,
        "pricing_tier": "ENTERPRISE",
        "storage_configuration_id": storage,
        "credentials_id": f"{storage}-credential",
        "workspace_status": "RUNNING",
        "creation_time": _MADE,
    }


def attempt(
    status: str, *, last: datetime | None = None, succeeded: datetime | None = None, message: str = ""
) -> Record:
    """A delivery's health: the outcome of the last attempt, when it was, and when one last succeeded."""
    record: dict[str, Json] = {"status": status, "message": message}
    if last is not None:
        record["last_attempt_time"] = _text(last)
    if succeeded is not None:
        record["last_successful_attempt_time"] = _text(succeeded)
    return record


def delivered(now: datetime, *, ago: timedelta = timedelta(minutes=20)) -> Record:
    """A delivery whose last attempt succeeded that long ago."""
    return attempt("SUCCEEDED", last=now - ago, succeeded=now - ago)


def log_delivery(
    identity: str,
    *,
    storage: str,
    credentials: str,
    name: str = "",
    prefix: str = "",
    status: str = "ENABLED",
    log_type: str = "AUDIT_LOGS",
    workspaces: Sequence[int] = (),
    health: Record | None = None,
) -> Record:
    """A log-delivery configuration; `health` None leaves the member out, as the API may."""
    record: dict[str, Json] = {
        "account_id": ACCOUNT,
        "config_id": identity,
        "config_name": name or identity,
        "credentials_id": credentials,
        "storage_configuration_id": storage,
        "log_type": log_type,
        "output_format": "JSON" if log_type == "AUDIT_LOGS" else "CSV",
        "status": status,
        "creation_time": _MADE,
        "update_time": _MADE,
    }
    if prefix:
        record["delivery_path_prefix"] = prefix
    if workspaces:
        record["workspace_ids_filter"] = tuple(workspaces)
    if health is not None:
        record["log_delivery_status"] = health
    return record


def _text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
