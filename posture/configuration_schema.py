"""The JSON Schema of posture.yaml: what may be written, and how each value looks."""

from __future__ import annotations

from functools import cache

from posture.model.subjects import Role
from posture.policy.shapes import DAY, DRAFT, GENERATED, NAME, TEXT, Schema, closed, listed, shaped

MOST_CONCURRENCY = 64
_PROJECT = r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]"  # some old ids begin with a domain
_DOMAIN = r"[a-z0-9-]+(\.[a-z0-9-]+)+"
_MEMBER = r"(user|serviceAccount|group|principal|principalSet):\S+|" + _PROJECT
_GUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


@cache
def configuration_schema() -> Schema:
    """The schema of posture.yaml."""
    account = shaped("[0-9]{12}", "an AWS account: 12 digits, in quotes")
    files = listed(TEXT, uniqueItems=True)
    body = closed(
        {
            "databricks": listed(_databricks(), description="Databricks accounts to discover stores from."),
            "stores": listed(_store(), description="Stores to check without discovery."),
            "aws": closed({"profile": TEXT, "region": shaped("[a-z]{2}(-[a-z]+)+-[0-9]", "a Region")}),
            "gcp": _google(),
            "azure": _azure(),
            "accounts": {
                "type": "object",
                "description": "How to read each AWS account.",
                "propertyNames": account,
                "additionalProperties": _access(),
            },
            "trust": _trust(account),
            "parameters": {"type": "object", "propertyNames": NAME, "additionalProperties": _parameter()},
            "policies": files | {"description": "Policy files, and `default` for the shipped one."},
            "waivers": files | {"description": "Waiver files."},
            "concurrency": {"type": "integer", "minimum": 1, "maximum": MOST_CONCURRENCY},
            "seconds_per_target": {"type": "integer", "minimum": 1, "maximum": 3600},
        }
    )
    return {"$schema": DRAFT, "title": "A posture configuration", "description": GENERATED, **body}


def _azure() -> Schema:
    endpoint = shaped(r"https://[A-Za-z0-9.-]+(:[0-9]+)?/?", "the https URL of an endpoint")
    subscription = shaped(_GUID, "the id of a subscription")
    return closed(
        {
            "cloud": {"enum": ["public", "us_government", "china"]},
            "tenant": shaped(_GUID, "the id of a tenant"),
            "subscriptions": listed(subscription, uniqueItems=True),
            "client_id": shaped(_GUID, "the client id of a managed identity"),
            "resource_manager": endpoint,
            "graph": endpoint,
        },
        description="Discover workspaces and stores from Azure; without subscriptions, from all that can be read.",
    )


def _databricks() -> Schema:
    loopback = r"http://(127\.0\.0\.1|localhost|\[::1\])"
    return closed(
        {
            "host": shaped(rf"((https://)?[A-Za-z0-9.-]+|{loopback})(:[0-9]+)?/?", "the URL of a host", writeOnly=True),
            "account_id": shaped(_GUID, "the id of a Databricks account"),
            "profile": TEXT,
        },
        minProperties=1,
    )


def _store() -> Schema:
    role = {"enum": [role.value for role in Role], "description": "Why logs rest there."}
    account = shaped(f"([0-9]{{12}}|{_PROJECT})", "an AWS account (12 digits, in quotes) or a Google project")
    return closed({"uri": TEXT, "account": account, "role": role}, required=("uri",))


def _google() -> Schema:
    project = shaped(f"([0-9]{{6,15}}|{_PROJECT})", "a project, by its id or its number in quotes")
    return closed(
        {
            "organisation": shaped("organizations/[0-9]{3,15}", "our own organisation, such as organizations/123456"),
            "projects": listed(project, uniqueItems=True, description="Our own beside the organisation's."),
            "domains": listed(shaped(_DOMAIN, "a domain in lower case"), uniqueItems=True),
            "quota_project": project,
            "perimeters": {"type": "boolean", "description": "Read VPC Service Controls of the organisation."},
            "deny_policies": {
                "type": "boolean",
                "description": "Read deny policies at every level. False: each grant assumes that none stops it.",
            },
            "impersonate": shaped(
                r"[a-z0-9.-]+@[a-z0-9.-]+\.iam\.gserviceaccount\.com", "a service account to read as"
            ),
        }
    )


def _access() -> Schema:
    return closed(
        {
            "profile": TEXT,
            "role_arn": shaped(r"arn:aws(-us-gov|-cn)?:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+", "the ARN of a role"),
            "external_id": shaped(r"[A-Za-z0-9_+=,.@:/-]{2,1224}", "an external id", writeOnly=True),
        },
        minProperties=1,
    )


def _trust(account: Schema) -> Schema:
    arn = r"arn:aws(-us-gov|-cn)?:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:\S+"
    principal = shaped(
        rf"([0-9]{{12}}|o-[a-z0-9]{{10,32}}|{arn}|{_MEMBER}|{_DOMAIN}|{_GUID})",
        "an account in quotes, an organisation id or an ARN; of Google, a project, a domain or a member of bindings; "
        "of Azure, the id of a tenant or principal",
    )
    accepted = closed(
        {"principal": principal, "reason": TEXT, "expires": DAY},
        required=("principal", "reason", "expires"),
    )
    return closed(
        {
            "accounts": listed(account, uniqueItems=True),
            "tenants": listed(shaped(_GUID, "the id of a tenant"), uniqueItems=True),
            "organisation": shaped("o-[a-z0-9]{10,32}", "the id of an AWS organisation"),
            "accepted": listed(accepted),
        }
    )


def _parameter() -> Schema:
    return {
        "if": {"type": "array"},
        "then": {"items": {"type": "string"}},
        "else": {"type": ["string", "integer", "boolean"]},
    }
