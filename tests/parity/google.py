"""What Google's APIs answer for what a Terraform state says is there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

from tests.parity.creating import Values, resources
from tests.testbeds.google import Bucket, GoogleState, Json, Key, Node, Record
from tests.testbeds.google_estate import DOMAIN, ORGANISATION, metadata, policy
from tests.testbeds.google_roles import ROLES

PROJECT, NUMBER = "acme-logs", "123456789012"  # where no resource makes one
FOLDER: Final = "folders/777"
_ORG_POLICY: Final = "google_org_policy_policy"
_MAKER: Final = "user:terraform@acme.example"  # whom Google lets own what it makes
_MULTI: Final = frozenset({"EU", "US", "ASIA"})
_TEAMS: Final = {"OWNER": ("editors", "owners"), "READER": ("viewers",)}
_LEGACY: Final = {"OWNER": "legacyBucketOwner", "WRITER": "legacyBucketWriter", "READER": "legacyBucketReader"}
_NEW_OBJECT_ROLES: Final = {
    "roles/storage.legacyObjectOwner": ("projectEditor", "projectOwner"),
    "roles/storage.legacyObjectReader": ("projectViewer",),
}
Bindings = dict[tuple[str, str], dict[str, None]]  # members by role and condition


def google_state(state: Values) -> GoogleState:
    """The project with its buckets and keys, in an organisation of our own domain."""
    made = _Made([(each["type"], each["values"]) for each in resources(state["values"]["root_module"])])
    roles = (*made.of("google_project_iam_custom_role"), *made.of("google_organization_iam_custom_role"))
    return GoogleState(
        buckets={each["name"]: made.bucket(each) for each in made.of("google_storage_bucket")},
        nodes=dict(made.nodes()),
        roles={**ROLES, **{each["name"]: tuple(each["permissions"]) for each in roles}},
        constraints=dict(made.constraints()),
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
        self.project = next((each["project_id"] for each in self.of("google_project")), PROJECT)

    def of(self, kind: str) -> list[Values]:
        return [values for each, values in self._found if each == kind]

    def beside(self, kind: str, attribute: str, name: str) -> list[Values]:
        return [each for each in self.of(kind) if each[attribute] in {name, name.removeprefix("folders/")}]

    def bucket(self, values: Values) -> Bucket:
        uniform = bool(values["uniform_bucket_level_access"])
        acl = self._list("google_storage_bucket_acl", "google_storage_bucket_access_control", values["name"])
        return Bucket(
            metadata=_metadata(values, uniform=uniform),
            policy=self.policy_of(
                "google_storage_bucket", "bucket", values["name"], self._uniform() if uniform else self._of_list(acl)
            ),
            acl=acl,
            default_acl=self._list(
                "google_storage_default_object_acl", "google_storage_default_object_access_control", values["name"]
            ),
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

    def nodes(self) -> Iterator[tuple[str, Node]]:
        """The organisation, its folder where one is made, and the project."""
        top = {"name": ORGANISATION, "displayName": DOMAIN, "directoryCustomerId": "C01"}
        end = ORGANISATION.partition("/")[2]
        yield ORGANISATION, self._node(top, self.policy_of("google_organization", "org_id", end, {}), "organization")
        above = ORGANISATION
        for each in self.of("google_folder"):
            above = FOLDER
            owned: Bindings = {("roles/resourcemanager.folderAdmin", ""): {_MAKER: None}}
            allowed = self.policy_of("google_folder", "folder", FOLDER, owned)
            yield FOLDER, self._node({"name": FOLDER, "parent": each["parent"]}, allowed, "folder")
        made = bool(self.of("google_project"))
        owned = {("roles/owner", ""): {_MAKER: None}} if made else {}
        allowed = {
            **self.policy_of("google_project", "project", self.project, owned),
            "auditConfigs": tuple(map(_audit, self.of("google_project_iam_audit_config"))),
        }
        record = {"name": f"projects/{NUMBER}", "projectId": self.project, "parent": above, "state": "ACTIVE"}
        yield f"projects/{NUMBER}", self._node(record, allowed, "project")

    def _node(self, record: Record, allowed: Record, level: str) -> Node:
        name = record["name"]
        return Node(
            record=record,
            policy=allowed,
            denials={
                each["name"]: tuple(map(_deny, each["rules"]))
                for each in self.of("google_iam_deny_policy")
                if unquote(each["parent"]) == f"cloudresourcemanager.googleapis.com/{name}"
            },
            sinks=tuple(
                {"name": each["name"], "destination": each["destination"]}
                for each in self.of(f"google_logging_{level}_sink")
            ),
        )

    def constraints(self) -> Iterator[tuple[tuple[str, str], tuple[Record, ...]]]:
        """What is in effect for the project: the nearest level that sets a constraint."""
        for each in self.of("google_organization_policy"):
            (block,) = each["list_policy"]
            values = {"allowedValues": [one for allow in block["allow"] for one in allow["values"]]}
            yield (NUMBER, each["constraint"].rpartition("/")[2]), ({"values": values},)
        for each in self.of("google_folder_organization_policy"):
            (flag,) = each["boolean_policy"]
            yield (NUMBER, each["constraint"].rpartition("/")[2]), ({"enforce": flag["enforced"]},)
        for level in ("organizations/", "projects/"):
            yield from map(_constraint, (each for each in self.of(_ORG_POLICY) if each["parent"].startswith(level)))

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

    def _list(self, kind: str, single: str, bucket: str) -> tuple[Record, ...]:
        beside = tuple(
            {"entity": each["entity"], "role": each["role"]} for each in self.beside(single, "bucket", bucket)
        )
        for each in self.beside(kind, "bucket", bucket):
            pairs = (text.partition(":") for text in each["role_entity"])
            return (*({"entity": entity, "role": role} for role, _, entity in pairs), *beside)
        return (*_new_list(), *beside)

    def _uniform(self) -> Bindings:
        objects = {(role, ""): self._teams(teams) for role, teams in _NEW_OBJECT_ROLES.items()}
        return {**self._of_list(_new_list()), **objects}

    def _teams(self, teams: Sequence[str]) -> dict[str, None]:
        return dict.fromkeys(f"{team}:{self.project}" for team in teams)

    def _of_list(self, entries: Sequence[Record]) -> Bindings:
        """Policies show the entries of a list as roles of their own."""
        bound: Bindings = {}
        for each in entries:
            entity = str(each["entity"])
            team = entity.removeprefix("project-").partition("-")[0]
            member = entity.replace("-", ":", 1) if entity.startswith("user-") else entity
            member = f"project{team[:-1].capitalize()}:{self.project}" if entity.startswith("project-") else member
            bound.setdefault((f"roles/storage.{_LEGACY[str(each['role'])]}", ""), {})[member] = None
        return bound


def _new_list() -> tuple[Record, ...]:
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


def _expression(values: Values) -> str:
    return next((str(each["expression"]) for each in values["condition"]), "")


def _binding(role: str, condition: str, members: Mapping[str, None]) -> Record:
    plain: dict[str, Json] = {"role": role, "members": tuple(members)}
    return {**plain, "condition": {"title": "c", "expression": condition}} if condition else plain


def _constraint(values: Values) -> tuple[tuple[str, str], tuple[Record, ...]]:
    (spec,) = values["spec"]
    rules = tuple(
        {"values": {"deniedValues": [one for block in each["values"] for one in block["denied_values"]]}}
        if each["values"]
        else {"enforce": each["enforce"] == "TRUE"}
        for each in spec["rules"]
    )
    return (NUMBER, values["name"].rpartition("/")[2]), rules


def _audit(values: Values) -> Record:
    kinds = tuple({"logType": one["log_type"]} for one in values["audit_log_config"])
    return {"service": values["service"], "auditLogConfigs": kinds}


def _deny(rule: Values) -> Record:
    (denied,) = rule["deny_rule"]
    return {
        "deniedPrincipals": denied["denied_principals"],
        "exceptionPrincipals": denied["exception_principals"] or [],
        "deniedPermissions": denied["denied_permissions"],
    }
