"""The words that records and policies share, spelt the same in every report."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

NEVER: Final = "never"  # how FOREVER reads of a fact that counts until, or since, what then does not come


class Provider(StrEnum):
    """Whose API answers for a subject."""

    AWS = "aws"
    AZURE = "azure"
    GCP = "gcp"
    DATABRICKS = "databricks"


class Kind(StrEnum):
    """What a subject is, in the provider's terms."""

    S3_BUCKET = "s3_bucket"
    STORAGE_ACCOUNT = "storage_account"
    GCS_BUCKET = "gcs_bucket"
    EVENT_HUB = "event_hub"
    LOG_ANALYTICS = "log_analytics"
    PARTNER = "partner"
    TABLE = "table"
    ACCOUNT = "account"
    WORKSPACE = "workspace"
    METASTORE = "metastore"
    ESTATE = "estate"
    LOG_DELIVERY = "log_delivery"


class Role(StrEnum):
    """Why logs rest in a store."""

    DELIVERY = "delivery"
    REPLICA = "replica"
    BACKUP = "backup"
    COPY = "copy"
    TABLE = "table"
    STREAM = "stream"


class Mode(StrEnum):
    """Read from the running cloud, or from a plan of what will run."""

    LIVE = "live"
    PLANNED = "planned"


class About(StrEnum):
    """Which record a control speaks of."""

    STORE = "store"
    SOURCE = "source"
    ESTATE = "estate"
    CHANGE = "change"


class KeyManager(StrEnum):
    """Who manages the key that encrypts by default."""

    NONE = "none"
    PROVIDER = "provider"
    CUSTOMER = "customer"


class Versioning(StrEnum):
    """Whether overwritten and deleted objects stay readable as older versions."""

    ENABLED = "enabled"
    SUSPENDED = "suspended"
    NEVER = "never"


class WormMode(StrEnum):
    """Who may shorten the protection of an object: nobody (compliance), holders of a permission (governance)."""

    NONE = "none"
    GOVERNANCE = "governance"
    COMPLIANCE = "compliance"


class Ownership(StrEnum):
    """Whose objects are those that another account wrote, and whether ACLs count at all."""

    ENFORCED = "bucket_owner_enforced"
    PREFERRED = "bucket_owner_preferred"
    WRITER = "object_writer"


class DeliveryStatus(StrEnum):
    """What Databricks says of its last attempt to deliver."""

    CREATED = "created"
    SUCCEEDED = "succeeded"
    USER_FAILURE = "user_failure"
    SYSTEM_FAILURE = "system_failure"
    NOT_FOUND = "not_found"


class ActionClass(StrEnum):
    """What a grant lets its holder do to the logs."""

    LIST = "list"
    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    ADMINISTER = "administer"


class Scope(StrEnum):
    """How a grant's holder stands to the owner of the store."""

    OWN = "own"
    ORGANISATION = "organisation"
    VENDOR = "vendor"
    ACCEPTED = "accepted"
    OUTSIDE = "outside"
    PUBLIC = "public"


class HolderKind(StrEnum):
    """How wide the class of principals is that a grant is for."""

    ANONYMOUS = "anonymous"
    ANY_ACCOUNT = "any_account"
    ACCOUNT_PATTERN = "account_pattern"
    ORGANISATION = "organisation"
    ACCOUNT = "account"
    PRINCIPAL = "principal"
    UNIQUE_ID = "unique_id"
    SERVICE = "service"
    CANONICAL_USER = "canonical_user"
    FEDERATED = "federated"
    GROUP = "group"
    DOMAIN = "domain"
    KEY_HOLDER = "key_holder"


class NetworkKind(StrEnum):
    """What a network rule lets through."""

    ADDRESSES = "addresses"  # a range of IP addresses
    SUBNET = "subnet"  # of a virtual network
    RESOURCE = "resource"  # a resource of the provider, wherever it runs


class Bound(StrEnum):
    """From where a grant can be used."""

    ANYWHERE = "anywhere"
    OWN_NETWORK = "own_network"
    NAMED_NETWORK = "named_network"
    VIA_ACCESS_POINT = "via_access_point"
