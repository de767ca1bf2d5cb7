"""The canonical user id of an account: how access control lists name the owner of a bucket.

A plan tells it by its data source, by the list of a bucket that is managed beside it, and by what a refresh saw of a
bucket whose owner owns all objects: S3 then names nobody but the owner, with full control (S3 User Guide, "Controlling
ownership of objects and disabling ACLs").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from posture.adapters.aws.terraform.homes import Homes
from posture.adapters.aws.terraform.satellites import Satellites
from posture.adapters.aws.terraform.settings import ownership
from posture.model.facts import Fact, Known
from posture.model.subjects import Ownership
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource

_DATA: Final = "data.aws_canonical_user_id"
_BUCKET: Final = "aws_s3_bucket"


class CanonicalIds:
    """One for each provider configuration, looked for when the first is asked for."""

    def __init__(self, plan: Plan, homes: Homes, satellites: Satellites) -> None:
        self._plan = plan
        self._homes = homes
        self._satellites = satellites
        self._found: dict[str, str] | None = None

    def of(self, resource: Resource) -> str:
        """Of the account in which a resource is; empty where the plan does not say."""
        if self._found is None:
            self._found = {}
            for member, name in self._told():
                self._found.setdefault(self._homes.configuration(member), name)
        return self._found.get(self._homes.configuration(resource), "")

    def _told(self) -> Iterator[tuple[Resource, str]]:
        for data in self._plan.of_kind(_DATA):
            if name := data.known("id"):
                yield data, name
        for bucket in self._plan.of_kind(_BUCKET):
            for name in (self._by_list(bucket), self._by_refresh(bucket)):
                if name:
                    yield bucket, name

    def _by_list(self, bucket: Resource) -> str:
        found = self._beside(bucket, "aws_s3_bucket_acl")
        if found is None:
            return ""
        policy = _as_it_is(found).block("access_control_policy")
        owner = policy.then(lambda block: block.block("owner") if block else _NOTHING)
        return _known(owner.then(lambda block: block.text("id") if block else _EMPTY))

    def _by_refresh(self, bucket: Resource) -> str:
        """By the one line of a list that counts for nothing, as both were when they were refreshed."""
        controls = self._beside(bucket, "aws_s3_bucket_ownership_controls")
        if bucket.new or controls is None or controls.new:
            return ""
        owned = ownership(_as_it_is(controls))
        lines = _as_it_is(bucket).each("grant")
        if not isinstance(owned, Known) or owned.value is not Ownership.ENFORCED:
            return ""
        if not isinstance(lines, Known) or len(lines.value) != 1:
            return ""
        return _known(lines.value[0].text("id"))

    def _beside(self, bucket: Resource, kind: str) -> Resource | None:
        match self._satellites.one(bucket, kind):
            case Known(value=Place(resource=resource)):
                return resource
            case _:
                return None


_NOTHING: Final[Fact[Place | None]] = Known(value=None, sources=())
_EMPTY: Final[Fact[str]] = Known(value="", sources=())


def _as_it_is(resource: Resource) -> Place:
    """A resource as Terraform last read it; one that is new, as it will be."""
    return Place(values=resource.after if resource.before is None else resource.before)


def _known(fact: Fact[str]) -> str:
    return fact.value if isinstance(fact, Known) else ""
