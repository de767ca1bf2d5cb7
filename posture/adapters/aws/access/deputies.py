"""Whether any customer of a vendor gets in: the vendor's way stays open without our own id, or with another's."""

from __future__ import annotations

from collections.abc import Mapping

from posture.adapters.aws.access.ways import Resource, Way, ways
from posture.iam import ActionClass, Document
from posture.model.trust import Holder

_ANOTHER = "00000000-0000-4000-8000-000000000000"


class Deputies:
    """Asks the policies again under a request that names nobody, and one that names another customer."""

    def __init__(self, key: str, policy: Document, resource: Resource, context: Mapping[str, str | None]) -> None:
        self._key = key
        self._policy = policy
        self._resource = resource
        self._context = context
        self._open: frozenset[tuple[Holder, ActionClass]] | None = None

    def any_customer(self, way: Way) -> bool:
        """Whether nothing ties a vendor's way to us."""
        if not any(test.key == self._key.lower() for entry in self._policy.statements for test in entry.tests):
            return True
        return way.key in self._ways()

    def _ways(self) -> frozenset[tuple[Holder, ActionClass]]:
        if self._open is None:
            self._open = frozenset(
                way.key
                for value in (None, _ANOTHER)
                for way in ways(self._resource.reach([self._policy], context={**self._context, self._key: value}))
            )
        return self._open
