"""How resources of hashicorp/google name each other, in every spelling that the provider takes."""

from __future__ import annotations

import re

from posture.adapters.planned import Beside
from posture.terraform.inventory import Identity

_BUCKET_HEADS = re.compile(r"gs://|(https://www\.googleapis\.com/storage/v1/)?b/|storage\.googleapis\.com/")
_KMS_HEADS = re.compile(r"(https:)?//cloudkms\.googleapis\.com/(v1/)?")


def _bucket(text: str) -> str:
    """`acme-logs`, whether as a URL, as `b/acme-logs`, or as the destination of a sink."""
    return _BUCKET_HEADS.sub("", text, count=1) if _BUCKET_HEADS.match(text) else text


def last(text: str) -> str:
    """`folders/123` and `123` are one."""
    return text.rpartition("/")[2]


def _key(text: str) -> str:
    head = _KMS_HEADS.match(text)
    return text[head.end() :] if head else text


BUCKET = Identity(
    kinds=("google_storage_bucket", "data.google_storage_bucket"),
    attributes=("name", "id", "self_link", "url"),
    spelled=_bucket,
)
KEY = Identity(
    kinds=("google_kms_crypto_key", "data.google_kms_crypto_key"), attributes=("id", "self_link"), spelled=_key
)
RING = Identity(kinds=("google_kms_key_ring", "data.google_kms_key_ring"), attributes=("id", "self_link"), spelled=_key)
TOPIC = Identity(
    kinds=("google_pubsub_topic", "data.google_pubsub_topic"),
    attributes=("id", "name"),
    spelled=lambda text: text.removeprefix("//pubsub.googleapis.com/"),
)
FOLDER_OF_BUCKET = Identity(kinds=("google_storage_managed_folder",), attributes=("name", "id"))
PROJECT = Identity(
    kinds=("google_project", "data.google_project"),
    attributes=("project_id", "id", "number"),
    spelled=lambda text: text.removeprefix("projects/"),
)
FOLDER = Identity(
    kinds=("google_folder", "data.google_folder", "data.google_active_folder"),
    attributes=("name", "folder_id", "id"),
    spelled=last,
)
ORGANISATION = Identity(kinds=("data.google_organization",), attributes=("name", "org_id", "id"), spelled=last)
SERVICE_ACCOUNT = Identity(
    kinds=("google_service_account", "data.google_service_account"),
    attributes=("email", "member", "name", "id", "unique_id"),
    spelled=lambda text: text.removeprefix("serviceAccount:"),
)
CUSTOM_ROLE = Identity(
    kinds=("google_project_iam_custom_role", "google_organization_iam_custom_role"), attributes=("id", "name")
)
POLICY_DATA = Identity(kinds=("data.google_iam_policy",), attributes=("policy_data", "id"))
BESIDE = Beside(
    identity=BUCKET,
    kinds=dict.fromkeys(
        (
            *(f"google_storage_bucket_iam_{part}" for part in ("policy", "binding", "member")),
            *("google_storage_bucket_acl", "google_storage_default_object_acl"),
            *("google_storage_bucket_access_control", "google_storage_default_object_access_control"),
        ),
        ("bucket",),
    ),
    told=lambda text: {BUCKET.attributes[0]: BUCKET.spelled(text)},
    scheme="gs://",
)
