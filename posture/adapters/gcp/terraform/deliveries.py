"""Which planned buckets hold audit logs: no resource of Databricks says so, but its account has to be bound on them."""

from __future__ import annotations

from collections.abc import Iterator

from posture.adapters.gcp.config import Binding
from posture.adapters.gcp.terraform.around import BUCKET as ON_BUCKET
from posture.adapters.gcp.terraform.identities import BUCKET
from posture.adapters.gcp.terraform.workshop import Workshop
from posture.model.facts import Known, Source
from posture.model.trust import GOOGLE_DELIVERY
from posture.terraform.resources import Resource


def receiving(tools: Workshop) -> Iterator[tuple[Resource, Source]]:
    """The buckets, those outside of the plan too, each with what binds the account there."""
    outside = (each for each in tools.plan.of_kind(BUCKET.kinds[1]) if each.beside is not None)
    for bucket in (*tools.plan.of_kind(BUCKET.kinds[0]), *outside):
        for binding in _bindings(bucket, tools):
            if GOOGLE_DELIVERY in binding.members:
                yield bucket, binding.source
                break


def _bindings(bucket: Resource, tools: Workshop) -> Iterator[Binding]:
    around = tools.neighbours.of(bucket, ON_BUCKET, BUCKET)
    documents = tools.documents
    for place in around.there["policy"]:
        whole = documents.whole(place.at("policy_data"))
        yield from whole.value.bindings if isinstance(whole, Known) else ()
    for part in ("binding", "member"):
        for place in around.there[part]:
            yield documents.binding(place, single=part == "member")
