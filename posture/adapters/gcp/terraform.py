"""What planned buckets of Google Cloud are called. What they will be like is not judged yet, so it is unknown."""

from __future__ import annotations

from posture.adapters.planned import Naming, Namings, Premises, placeholder
from posture.model.facts import Known
from posture.model.leads import StoreRef
from posture.model.subjects import Kind, Provider
from posture.terraform.inventory import Identity
from posture.terraform.resources import Resource

BUCKET = Identity(
    kinds=("google_storage_bucket", "data.google_storage_bucket"),
    attributes=("name", "id", "self_link", "url"),
    spelled=lambda text: text.removeprefix("gs://"),
)


def namings(_: Premises) -> Namings:
    """Buckets."""
    return Namings(stores=(Naming(identity=BUCKET, of=_bucket, other=lambda _: None),))


def _bucket(resource: Resource) -> StoreRef:
    name = resource.after.optional("name").text()
    known = name.value if isinstance(name, Known) else None
    return StoreRef(provider=Provider.GCP, kind=Kind.GCS_BUCKET, name=known or placeholder(resource))
