"""What a refresh finds: a bucket's own attributes also show what other resources of the bucket have set.

So the real provider has it, which reads them from S3 with the bucket: every attribute but the public access block and
the ownership controls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from tests.testbeds.terraform.schema import Value
from tests.testbeds.terraform.values import Object

BUCKET: Final = "aws_s3_bucket"


class Objects:
    """The objects of one provider that apply has made, so that one can show what another says of it."""

    def __init__(self) -> None:
        self._of_bucket: dict[tuple[str, str], Object] = {}

    def change(self, kind: str, before: Object | None, now: Object | None) -> None:
        """Remember what apply did. A new bucket has nothing of one that had its name."""
        if kind == BUCKET and before is None and now is not None:
            self._of_bucket = {key: found for key, found in self._of_bucket.items() if key[1] != now["bucket"]}
        if kind.startswith(f"{BUCKET}_"):
            if before is not None:
                self._of_bucket.pop((kind, before["bucket"]), None)
            if now is not None:
                self._of_bucket[kind, now["bucket"]] = now

    def refreshed(self, kind: str, state: Object) -> Object:
        """An object as it is now."""
        if kind != BUCKET:
            return state
        name = state["bucket"]
        shown: Object = {
            "grant": [{"id": "0" * 64, "permissions": ["FULL_CONTROL"], "type": "CanonicalUser", "uri": ""}],
            **{attribute: show(self._of_bucket.get((f"{BUCKET}_{kind}", name))) for kind, attribute, show in _SHOWN},
        }
        return {**state, **shown}


def _versioning(satellite: Object | None) -> Value:
    status = satellite["versioning_configuration"][0]["status"] if satellite else "Disabled"
    return [{"enabled": status == "Enabled", "mfa_delete": False}]


def _encryption(satellite: Object | None) -> Value:
    if satellite is None:
        default = {"sse_algorithm": "AES256", "kms_master_key_id": ""}
        return [{"rule": [{"bucket_key_enabled": False, "apply_server_side_encryption_by_default": [default]}]}]
    kept = ("bucket_key_enabled", "apply_server_side_encryption_by_default")
    return [{"rule": [{name: rule[name] for name in kept} for rule in satellite["rule"]]}]


def _policy(satellite: Object | None) -> Value:
    return satellite["policy"] if satellite else ""


def _logging(satellite: Object | None) -> Value:
    return [{name: satellite[name] for name in ("target_bucket", "target_prefix")}] if satellite else []


def _lock(satellite: Object | None) -> Value:
    return [{"object_lock_enabled": "Enabled", "rule": satellite["rule"]}] if satellite else []


def _lifecycle(satellite: Object | None) -> Value:
    return [_lifecycle_rule(rule) for rule in satellite["rule"]] if satellite else []


def _lifecycle_rule(rule: Object) -> Object:
    filters = [*rule["filter"], *(both for one in rule["filter"] for both in one["and"])]
    prefixes = [rule["prefix"], *(each["prefix"] for each in filters)]
    aborts, old = rule["abort_incomplete_multipart_upload"], rule["noncurrent_version_expiration"]
    return {
        "id": rule["id"],
        "enabled": rule["status"] == "Enabled",
        "prefix": next((prefix for prefix in prefixes if prefix), ""),
        "tags": {each["key"]: each["value"] for one in rule["filter"] for each in one["tag"]},
        "abort_incomplete_multipart_upload_days": aborts[0]["days_after_initiation"] if aborts else 0,
        "expiration": rule["expiration"],
        "noncurrent_version_expiration": [{"days": each["noncurrent_days"]} for each in old],
        "transition": rule["transition"],
    }


def _replication(satellite: Object | None) -> Value:
    if satellite is None:
        return []
    rules = [{name: rule[name] for name in ("id", "status", "prefix")} for rule in satellite["rule"]]
    return [{"role": satellite["role"], "rules": rules}]


def _website(satellite: Object | None) -> Value:
    if satellite is None:
        return []
    index = _first(satellite["index_document"], "suffix")
    return [
        {
            "index_document": index,
            "redirect_all_requests_to": _first(satellite["redirect_all_requests_to"], "host_name"),
        }
    ]


def _cors(satellite: Object | None) -> Value:
    kept = ("allowed_headers", "allowed_methods", "allowed_origins", "expose_headers", "max_age_seconds")
    return [{name: rule[name] for name in kept} for rule in satellite["cors_rule"]] if satellite else []


def _first(blocks: Iterable[Mapping[str, Value]], name: str) -> Value:
    return next((each[name] for each in blocks), "")


_SHOWN: Final[tuple[tuple[str, str, Callable[[Object | None], Value]], ...]] = (
    ("versioning", "versioning", _versioning),
    ("server_side_encryption_configuration", "server_side_encryption_configuration", _encryption),
    ("policy", "policy", _policy),
    ("logging", "logging", _logging),
    ("object_lock_configuration", "object_lock_configuration", _lock),
    ("lifecycle_configuration", "lifecycle_rule", _lifecycle),
    ("replication_configuration", "replication_configuration", _replication),
    ("website_configuration", "website", _website),
    ("cors_configuration", "cors_rule", _cors),
)
