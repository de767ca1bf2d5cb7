"""What Google's APIs answer for what a Terraform state says is there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tests.parity.creating import Values, resources
from tests.testbeds.google import Bucket, GoogleState, Json, Key, Node, Record
from tests.testbeds.google_estate import DOMAIN, ORGANISATION, metadata, policy, project
from tests.testbeds.google_roles import ROLES

PROJECT, NUMBER = "acme-logs", "123456789012"
_MULTI: Final = frozenset({"EU", "US", "ASIA"})
_TEAMS: Final = {"OWNER": ("editors", "owners"), "READER": ("viewers",)}
_LEGACY: Final = {"OWNER": "legacyBucketOwner", "WRITER": "legacyBucketWriter", "READER": "legacyBucketReader"}
_NEW_OBJECT_ROLES: Final = {
    "roles/storage.legacyObjectOwner": (f"projectEditor:{PROJECT}", f"projectOwner:{PROJECT}"),
    "roles/storage.legacyObjectReader": (f"projectViewer:{PROJECT}",),
}
Bindings = dict[tuple[str, str], dict[str, None]]  # members by role and condition


def google_state(state: Values) -> GoogleState:
    """The project with its buckets and keys, in an organisation of our own domain."""
    made = _Made([(each["type"], each["values"]) for each in resources(state["values"]["root_module"])])
    return GoogleState(
        buckets={each["name"]: made.bucket(each) for each in made.of("google_storage_bucket")},
        nodes={
            ORGANISATION: Node(record={"name": ORGANISATION, "displayName": DOMAIN}, policy=policy()),
            f"projects/{NUMBER}": project(
                NUMBER,
                PROJECT,
                ORGANISATION,
                policy=made.project_policy(),
                sinks=tuple(
                    {"name": each["name"], "destination": each["destination"]}
                    for each in made.of("google_logging_project_sink")
                ),
            ),
        },
        roles={
            **ROLES,
            **{each["name"]: tuple(each["permissions"]) for each in made.of("google_project_iam_custom_role")},
        },
        constraints=dict(map(_constraint, made.of("google_org_policy_policy"))),
        hmac_keys={
            NUMBER: tuple(
                {"serviceAccountEmail": each["service_account_email"], "state": each["state"], "accessId": "GOOG1"}
                for each in made.of("google_storage_hmac_key")
            )
        },
        keys={each["id"]: made.key(each) for each in made.of("google_kms_crypto_key")},
        rings={each["id"]: made.policy_of("google_kms_key_ring", "key_ring_id", each["id"], {}) for each in made.rings},
    )


class _Made:
    """The resources of a state, by type."""

    def __init__(self, found: Sequence[tuple[str, Values]]) -> None:
        self._found = found
        self.rings = self.of("google_kms_key_ring")

    def of(self, kind: str) -> list[Values]:
        return [values for each, values in self._found if each == kind]

    def beside(self, kind: str, attribute: str, name: str) -> list[Values]:
        return [each for each in self.of(kind) if each[attribute] == name]

    def bucket(self, values: Values) -> Bucket:
        uniform = bool(values["uniform_bucket_level_access"])
        acl = self._list("google_storage_bucket_acl", values["name"])
        return Bucket(
            metadata=_metadata(values, uniform=uniform),
            policy=self.policy_of(
                "google_storage_bucket", "bucket", values["name"], _uniform() if uniform else _of_list(acl)
            ),
            acl=acl,
            default_acl=self._list("google_storage_default_object_acl", values["name"]),
            notifications=tuple(
                {"kind": "storage#notification", "id": "1", "topic": each["topic"]}
                for each in self.beside("google_storage_notification", "bucket", values["name"])
            ),
        )

    def key(self, values: Values) -> Key:
        primary = {"name": f"{values['id']}/cryptoKeyVersions/1", "state": "ENABLED"}
        return Key(
            record={
                "purpose": values["purpose"],
                "primary": primary,
                "rotationPeriod": values["rotation_period"],
                "destroyScheduledDuration": values["destroy_scheduled_duration"],
            },
            versions=(primary,),
            policy=self.policy_of("google_kms_crypto_key", "crypto_key_id", values["id"], {}),
        )

    def project_policy(self) -> Record:
        audits = tuple(
            {
                "service": each["service"],
                "auditLogConfigs": tuple({"logType": one["log_type"]} for one in each["audit_log_config"]),
            }
            for each in self.of("google_project_iam_audit_config")
        )
        return {**self.policy_of("google_project", "project", PROJECT, {}), "auditConfigs": audits}

    def policy_of(self, family: str, attribute: str, name: str, new: Bindings) -> Record:
        """As the provider writes it: all of it, the members of a role, or one of them."""
        for each in self.beside(f"{family}_iam_policy", attribute, name):
            stated: Record = json.loads(each["policy_data"])
            return {**policy(), **stated}
        bound = dict(new)
        for each in self.beside(f"{family}_iam_binding", attribute, name):
            bound[each["role"], _expression(each)] = dict.fromkeys(each["members"])
        for each in self.beside(f"{family}_iam_member", attribute, name):
            bound.setdefault((each["role"], _expression(each)), {})[each["member"]] = None
        return policy(*(_binding(role, condition, members) for (role, condition), members in bound.items()))

    def _list(self, kind: str, bucket: str) -> tuple[Record, ...]:
        for each in self.beside(kind, "bucket", bucket):
            pairs = (text.partition(":") for text in each["role_entity"])
            return tuple({"entity": entity, "role": role} for role, _, entity in pairs)
        return tuple(
            {"entity": f"project-{team}-{NUMBER}", "role": role} for role, teams in _TEAMS.items() for team in teams
        )


def _metadata(values: Values, *, uniform: bool) -> dict[str, Json]:
    more: dict[str, Any] = {
        "iamConfiguration": {
            "uniformBucketLevelAccess": {"enabled": uniform},
            "publicAccessPrevention": values["public_access_prevention"],
        },
        "softDeletePolicy": {
            "retentionDurationSeconds": str(values["soft_delete_policy"][0]["retention_duration_seconds"])
        },
    }
    for block in values["encryption"]:
        more["encryption"] = {"defaultKmsKeyName": block["default_kms_key_name"]}
    for block in values["versioning"]:
        more["versioning"] = {"enabled": block["enabled"]}
    for block in values["retention_policy"]:
        more["retentionPolicy"] = {"retentionPeriod": str(block["retention_period"]), "isLocked": block["is_locked"]}
    for block in values["logging"]:
        more["logging"] = {"logBucket": block["log_bucket"], "logObjectPrefix": block["log_object_prefix"]}
    for block in values["website"]:
        more["website"] = {"mainPageSuffix": block["main_page_suffix"]}
    for block in values["ip_filter"]:
        more["ipFilter"] = _ip_filter(block)
    more["cors"] = tuple({"origin": each["origin"], "method": each["method"]} for each in values["cors"])
    more["lifecycle"] = {"rule": tuple(_rule(each) for each in values["lifecycle_rule"])}
    location = values["location"]
    return metadata(NUMBER, location=location, kind="multi-region" if location in _MULTI else "region", **more)


def _ip_filter(block: Values) -> Record:
    return {
        "mode": block["mode"],
        "allowAllServiceAgentAccess": block["allow_all_service_agent_access"],
        "publicNetworkSource": {
            "allowedIpCidrRanges": [
                each for source in block["public_network_source"] for each in source["allowed_ip_cidr_ranges"]
            ]
        },
    }


def _rule(rule: Values) -> Record:
    (action,), (condition,) = rule["action"], rule["condition"]
    asked: dict[str, Any] = {"age": condition["age"]}
    if condition["matches_prefix"]:
        asked["matchesPrefix"] = condition["matches_prefix"]
    if condition["with_state"] in {"LIVE", "ARCHIVED"}:
        asked["isLive"] = condition["with_state"] == "LIVE"
    return {"action": {"type": action["type"]}, "condition": asked}


def _uniform() -> Bindings:
    teams = _of_list(tuple({"entity": f"project-{team}-{NUMBER}", "role": role} for role, team in _pairs()))
    objects = {(role, ""): dict.fromkeys(members) for role, members in _NEW_OBJECT_ROLES.items()}
    return {**teams, **objects}


def _pairs() -> Iterator[tuple[str, str]]:
    for role, teams in _TEAMS.items():
        yield from ((role, team) for team in teams)


def _of_list(entries: Sequence[Record]) -> Bindings:
    """Policies show the entries of a list as roles of their own."""
    bound: Bindings = {}
    for each in entries:
        entity = str(each["entity"])
        team = entity.removeprefix("project-").partition("-")[0]
        member = f"project{team[:-1].capitalize()}:{PROJECT}" if entity.startswith("project-") else entity
        bound.setdefault((f"roles/storage.{_LEGACY[str(each['role'])]}", ""), {})[member] = None
    return bound


def _expression(values: Values) -> str:
    return next((str(each["expression"]) for each in values["condition"]), "")


def _binding(role: str, condition: str, members: Mapping[str, None]) -> Record:
    plain: dict[str, Json] = {"role": role, "members": tuple(members)}
    return {**plain, "condition": {"title": "c", "expression": condition}} if condition else plain


def _constraint(values: Values) -> tuple[tuple[str, str], tuple[Record, ...]]:
    (spec,) = values["spec"]
    rules = tuple({"enforce": each["enforce"] == "TRUE"} for each in spec["rules"])
    return (NUMBER, values["name"].rpartition("/")[2]), rules
