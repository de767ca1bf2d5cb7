"""What planned buckets, keys and accounts are called: by the name that the plan knows, else by a placeholder."""

from __future__ import annotations

from collections.abc import Callable

from posture.adapters.gcp.normalise.bucket import key_ref
from posture.adapters.gcp.terraform.context import Context
from posture.adapters.gcp.terraform.identities import BUCKET, KEY, RING, TOPIC
from posture.adapters.gcp.terraform.projects import Projects
from posture.adapters.planned import Naming, Namings, Premises, placeholder
from posture.model.facts import Fact, Known, Unknown, united
from posture.model.leads import KeyRef, StoreRef
from posture.model.subjects import Kind, Provider
from posture.terraform.inventory import Identity
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource


class GoogleNames:
    """Targets of one plan. A project that nobody tells is stood for, so no part of a name hides another."""

    def __init__(self, plan: Plan, projects: Projects) -> None:
        self._plan = plan
        self._projects = projects
        self._first: dict[str, Resource] = {}
        for resource in plan.of_kind(BUCKET.kinds[0]):
            self._first.setdefault(self.bucket_name(resource), resource)

    def bucket(self, resource: Resource) -> StoreRef:
        """The store that a bucket makes. A second one of a name, which Google will refuse, is one of its own."""
        name = self.bucket_name(resource)
        alone = self._first.get(name, resource) is resource or resource.address.kind != BUCKET.kinds[0]
        name = name if alone else name + placeholder(resource)
        return StoreRef(provider=Provider.GCP, kind=Kind.GCS_BUCKET, name=name)

    def bucket_name(self, resource: Resource) -> str:
        """What other resources call a bucket."""
        return resource.known("name") or resource.known("id") or placeholder(resource)

    def ring(self, resource: Resource) -> str:
        """The resource name of a key ring."""
        if whole := resource.known("id"):
            return whole
        project, location = self._projects.of(resource).name, resource.known("location") or "-"
        return f"projects/{project}/locations/{location}/keyRings/{resource.known('name') or placeholder(resource)}"

    def key(self, resource: Resource) -> str:
        """The resource name of a key."""
        if whole := resource.known("id"):
            return whole
        ring = self.ring_of(resource)
        inside = ring.value if isinstance(ring, Known) and ring.value else f"(ring of {placeholder(resource)})"
        return f"{inside}/cryptoKeys/{resource.known('name') or placeholder(resource)}"

    def ring_of(self, key: Resource) -> Fact[str]:
        """The resource name of the ring that a key lies in."""
        target = self._plan.target(key, "key_ring", identity=RING).fact
        if isinstance(target, Known) and target.value is not None:
            return Known(value=self.ring(target.value), sources=target.sources)
        text = key.after.optional("key_ring").text()
        if isinstance(text, Known):
            return text.map(lambda name: RING.spelled(name or ""))
        return target if isinstance(target, Unknown) else text

    def bucket_named(self, place: Place) -> Fact[str]:
        """The bucket that a place names; empty where it names none."""
        return self._named(place, BUCKET, self.bucket_name).map(BUCKET.spelled)

    def key_named(self, place: Place) -> Fact[str]:
        """The key that a place names, by its resource name; empty where it names none."""
        return self._named(place, KEY, self.key).map(KEY.spelled)

    def topic_named(self, place: Place) -> Fact[str]:
        """The topic of Pub/Sub that a place names."""
        return self._named(place, TOPIC, self._topic)

    def _topic(self, resource: Resource) -> str:
        whole = resource.known("id")
        name = resource.known("name") or f"({resource.address.text})"
        return whole or f"projects/{self._projects.of(resource).name}/topics/{name}"

    def _named(self, place: Place, identity: Identity, name: Callable[[Resource], str]) -> Fact[str]:
        text = place.text()
        if isinstance(text, Known) or place.resource is None:
            return text
        found = self._plan.target(place.resource, *place.path, identity=identity).fact
        if isinstance(found, Known) and found.value is not None:
            return Known(value=name(found.value), sources=united((place.values.source,), found.sources))
        return text

    def key_ref(self, resource: Resource) -> KeyRef:
        """The key that a resource makes."""
        name = self.key(resource)
        return key_ref(name) or KeyRef(provider=Provider.GCP, key_id=name)


def namings(premises: Premises) -> Namings:
    """How resources of every wing name what Google holds; a bucket that is no resource is none of these."""
    context = Context(premises.settings, premises.context)
    names = GoogleNames(premises.plan, Projects(premises.plan, context))
    return Namings(
        stores=(Naming(identity=BUCKET, of=names.bucket, other=lambda _: None),),
        keys=(Naming(identity=KEY, of=names.key_ref, other=_other_key),),
    )


def _other_key(text: str) -> KeyRef | None:
    return key_ref(text) if text.startswith("projects/") and "/cryptoKeys/" in text else None
