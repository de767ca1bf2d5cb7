"""A small organisation on Google Cloud: a well-kept store of audit logs, a documented one, and a neglected one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tests.testbeds.google import EMPTY, Bucket, GoogleState, Json, Key, Node, Record

ORGANISATION = "organizations/900100"
FOLDER = "folders/800200"
LOGS, LOGS_ID = "700300", "acme-logs"
PLATFORM, PLATFORM_ID = "700400", "acme-platform"
ELSEWHERE, ELSEWHERE_ID = "700999", "other-co"
DOMAIN = "acme.example"
DELIVERY = "serviceAccount:log-delivery@databricks-prod-master.iam.gserviceaccount.com"
ARCHIVE, DOCUMENTED, NEGLECTED, COPY = "acme-audit-archive", "acme-audit-plain", "acme-old-logs", "acme-audit-copy"
RING = f"projects/{LOGS_ID}/locations/eu/keyRings/audit"
KEY = f"{RING}/cryptoKeys/logs"
_YEARS = 400 * 86400


def binding(role: str, *members: str, condition: str = "") -> Record:
    """One binding; a condition makes it one of policy version 3."""
    plain: dict[str, Json] = {"role": role, "members": members}
    return {**plain, "condition": {"title": "narrow", "expression": condition}} if condition else plain


def policy(*bindings: Record, audits: Sequence[Record] = ()) -> Record:
    """An allow policy."""
    found: dict[str, Json] = {**EMPTY, "version": 3, "bindings": bindings}
    return {**found, "auditConfigs": tuple(audits)} if audits else found


def audit(*kinds: str, exempted: Sequence[str] = (), service: str = "storage.googleapis.com") -> Record:
    """Data access logs of a service."""
    return {
        "service": service,
        "auditLogConfigs": tuple(
            {"logType": kind, **({"exemptedMembers": tuple(exempted)} if exempted else {})} for kind in kinds
        ),
    }


def metadata(
    project: str, *, location: str = "EU", kind: str = "multi-region", uniform: bool = True, **more: Json
) -> dict[str, Json]:
    """A bucket's own answer, without anything that is off."""
    return {
        "projectNumber": project,
        "location": location,
        "locationType": kind,
        "storageClass": "STANDARD",
        "etag": "CAE=",
        "iamConfiguration": {
            "bucketPolicyOnly": {"enabled": uniform},  # its former name, which Cloud Storage still says as well
            "uniformBucketLevelAccess": {"enabled": uniform},
            "publicAccessPrevention": "inherited",
        },
        "softDeletePolicy": {"retentionDurationSeconds": "604800", "effectiveTime": "2026-01-01T00:00:00Z"},
        **more,
    }


def convenience(project: str) -> tuple[Record, ...]:
    """What Cloud Storage binds on every new bucket."""
    return (
        binding("roles/storage.legacyBucketOwner", f"projectEditor:{project}", f"projectOwner:{project}"),
        binding("roles/storage.legacyBucketReader", f"projectViewer:{project}"),
    )


def delivery() -> Record:
    """What Databricks documents for its delivery."""
    return binding("roles/storage.admin", DELIVERY)


def project(number: str, identity: str, parent: str, **more: Record | tuple[Record, ...] | bool | Mapping) -> Node:  # type: ignore[type-arg] # members of Node
    """A project with its policies."""
    record = {"name": f"projects/{number}", "projectId": identity, "parent": parent, "state": "ACTIVE"}
    return Node(record={key: value for key, value in record.items() if value}, **more)  # type: ignore[arg-type] # as above


def documented() -> Bucket:
    """As Databricks documents it: multi-region, standard class, uniform access, its account with storage.admin."""
    return Bucket(metadata=metadata(LOGS), policy=policy(*convenience(LOGS_ID), delivery()))


def notification(project: str) -> Record:
    """A topic of a project that is told of every object."""
    topic = f"//pubsub.googleapis.com/projects/{project}/topics/logs"
    return {"kind": "storage#notification", "id": "1", "topic": topic, "payload_format": "JSON_API_V1"}


def archive() -> Bucket:
    """The well-kept store."""
    kept = metadata(
        LOGS,
        iamConfiguration={
            "uniformBucketLevelAccess": {"enabled": True, "lockedTime": "2026-03-01T00:00:00Z"},
            "publicAccessPrevention": "enforced",
        },
        encryption={"defaultKmsKeyName": KEY},
        versioning={"enabled": True},
        softDeletePolicy={"retentionDurationSeconds": str(30 * 86400)},
        retentionPolicy={"retentionPeriod": str(_YEARS), "isLocked": True, "effectiveTime": "2026-01-01T00:00:00Z"},
        logging={"logBucket": COPY, "logObjectPrefix": "usage"},
        lifecycle={"rule": ({"action": {"type": "Delete"}, "condition": {"age": 800}},)},
        labels={"holds": "audit-logs"},
        rpo="DEFAULT",
    )
    return Bucket(
        metadata=kept,
        policy=policy(delivery(), binding("roles/storage.objectViewer", f"user:ana@{DOMAIN}")),
        folders={"audit/": policy(binding("roles/storage.objectViewer", f"user:bo@{DOMAIN}"))},
        notifications=(notification(LOGS_ID),),
    )


def neglected() -> Bucket:
    """Open to the public by policy and by list, deleted early, its usage logs written into itself."""
    return Bucket(
        metadata=metadata(
            PLATFORM,
            location="EUROPE-WEST1",
            kind="region",
            uniform=False,
            softDeletePolicy={"retentionDurationSeconds": "0"},
            logging={"logBucket": NEGLECTED},
            website={"mainPageSuffix": "index.html"},
            cors=({"origin": ("*",), "method": ("GET",), "maxAgeSeconds": 60},),
            lifecycle={"rule": ({"action": {"type": "Delete"}, "condition": {"age": 15}},)},
        ),
        policy=policy(
            *convenience(PLATFORM_ID),
            delivery(),
            binding("roles/storage.objectViewer", "allUsers"),
            binding("roles/storage.objectAdmin", "allAuthenticatedUsers"),
            binding("roles/storage.admin", f"serviceAccount:etl@{ELSEWHERE_ID}.iam.gserviceaccount.com"),
        ),
        acl=({"entity": f"project-owners-{PLATFORM}", "role": "OWNER"}, {"entity": "allUsers", "role": "READER"}),
        default_acl=({"entity": "allAuthenticatedUsers", "role": "READER"},),
        notifications=(notification(ELSEWHERE_ID),),
    )


def key(*, state: str = "ENABLED") -> Key:
    """A key that rotates every 90 days."""
    agent = f"serviceAccount:service-{LOGS}@gs-project-accounts.iam.gserviceaccount.com"
    return Key(
        record={
            "purpose": "ENCRYPT_DECRYPT",
            "primary": {"name": f"{KEY}/cryptoKeyVersions/2", "state": state},
            "rotationPeriod": "7776000s",
            "nextRotationTime": "2027-01-01T00:00:00Z",
            "destroyScheduledDuration": "2592000s",
        },
        versions=({"name": f"{KEY}/cryptoKeyVersions/1", "state": "ENABLED"}, {"name": "2", "state": state}),
        policy=policy(binding("roles/cloudkms.cryptoKeyEncrypterDecrypter", agent)),
    )


def transfer(source: str, target: str, *, status: str = "ENABLED") -> Record:
    """A job that copies a whole bucket."""
    return {
        "name": f"transferJobs/{source}",
        "status": status,
        "transferSpec": {"gcsDataSource": {"bucketName": source}, "gcsDataSink": {"bucketName": target}},
    }


def good_state() -> GoogleState:
    """Everything in place: the organisation prevents public access, records data access, and denies one stranger."""
    stranger = {
        "deniedPrincipals": ("principal://goog/subject/eve@gmail.com",),
        "deniedPermissions": ("storage.googleapis.com/objects.*",),
    }
    recorded = audit("DATA_READ", "DATA_WRITE", "ADMIN_READ")
    return GoogleState(
        buckets={
            ARCHIVE: archive(),
            DOCUMENTED: documented(),
            COPY: Bucket(
                metadata=metadata(
                    LOGS, location="US", versioning={"enabled": True}, encryption={"defaultKmsKeyName": KEY}
                ),
                policy=policy(*convenience(LOGS_ID)),
            ),
        },
        nodes={
            ORGANISATION: Node(
                record={"name": ORGANISATION, "displayName": DOMAIN, "directoryCustomerId": "C01"},
                policy=policy(binding("roles/resourcemanager.organizationAdmin", f"user:root@{DOMAIN}")),
                denials={"strangers": (stranger,)},
            ),
            FOLDER: Node(record={"name": FOLDER, "parent": ORGANISATION, "displayName": "security"}, policy=policy()),
            f"projects/{LOGS}": project(
                LOGS,
                LOGS_ID,
                FOLDER,
                policy=policy(binding("roles/owner", f"user:root@{DOMAIN}"), audits=(recorded,)),
                sinks=(
                    {"name": "_Default", "destination": f"logging.googleapis.com/projects/{LOGS_ID}/buckets/_Default"},
                ),
            ),
            f"projects/{PLATFORM}": project(PLATFORM, PLATFORM_ID, ORGANISATION, policy=policy()),
        },
        constraints={
            (LOGS, "storage.publicAccessPrevention"): ({"enforce": True},),
            (LOGS, "storage.secureHttpTransport"): ({"enforce": True},),
            (LOGS, "storage.uniformBucketLevelAccess"): ({"enforce": True},),
            (LOGS, "iam.allowedPolicyMemberDomains"): ({"values": {"allowedValues": ("C01", "C02databricks")}},),
            (LOGS, "gcp.restrictTLSVersion"): ({"values": {"deniedValues": ("TLS_VERSION_1", "TLS_VERSION_1_1")}},),
        },
        transfers={LOGS_ID: (transfer(ARCHIVE, COPY),)},
        keys={KEY: key()},
        rings={RING: policy(binding("roles/cloudkms.admin", f"user:root@{DOMAIN}"))},
    )


def bad_state() -> GoogleState:
    """The neglected bucket beside what is well kept; a stranger's service account reaches it."""
    good = good_state()
    return replace(good, buckets={**good.buckets, NEGLECTED: neglected()})
