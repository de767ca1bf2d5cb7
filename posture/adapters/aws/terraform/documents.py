"""Policy documents: as the plan knows them, or rebuilt from the arguments of a data source that apply will read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from posture.adapters.aws.terraform.identities import DOCUMENT
from posture.adapters.aws.terraform.merging import Part, merged, shown
from posture.adapters.aws.terraform.places import APPLY, References
from posture.adapters.aws.terraform.statements import Statement, statement
from posture.adapters.aws.terraform.vendor_documents import assume_role_policy, bucket_policy
from posture.model.facts import Fact, Known, Reason, Unknown, united
from posture.terraform.place import Place
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource

Body: TypeAlias = "dict[str, object]"
_DEEPEST: Final = 10  # documents that take in documents
_VERSION: Final = "2012-10-17"
_IAM: Final = "data.aws_iam_policy_document"
_VENDOR: Final[Mapping[str, Callable[[Place, References], Body]]] = {
    "data.databricks_aws_bucket_policy": bucket_policy,
    "data.databricks_aws_assume_role_policy": assume_role_policy,
}
_UNREAD: Final = f"--source with the directory of the configuration, or {APPLY}"


class Documents:
    """The policies of one plan."""

    def __init__(self, plan: Plan, references: References) -> None:
        self._plan = plan
        self._references = references
        self._rebuilt: dict[Resource, Fact[str]] = {}

    def text(self, place: Place) -> Fact[str]:
        """The policy at a place, as JSON; empty where there is none."""
        value = place.text()
        if isinstance(value, Known) or place.resource is None:
            return value
        found = self._plan.target(place.resource, *place.path, identity=DOCUMENT).fact
        match found:
            case Known(value=Resource() as document, sources=sources):
                return self._document(document).then(
                    lambda text: Known(value=text, sources=united((document.after.source,), sources))
                )
            case _ if spelled := self._references.policy(place):
                return Known(value=spelled, sources=(place.values.source,))
            case _:
                return replace(value, detail=f"the policy is {value.detail}", needs=_UNREAD)

    def _document(self, document: Resource) -> Fact[str]:
        if document not in self._rebuilt:
            self._rebuilt[document] = self._body(document, 0).map(_written)
        return self._rebuilt[document]

    def _body(self, document: Resource, depth: int) -> Fact[Body]:
        place = Place(values=document.after, resource=document)
        known = place.text("json")
        if isinstance(known, Known) and known.value:
            return _parsed(known.value, place)
        if document.address.kind in _VENDOR:
            body = _VENDOR[document.address.kind](place, self._references)
            return Known(value=body, sources=(document.after.source,))
        if document.address.kind == _IAM and depth < _DEEPEST:
            return Known(value=self._merged(place, depth), sources=(document.after.source,))
        return Unknown(
            reason=Reason.UNDETERMINED,
            sources=(document.after.source,),
            detail=f"what `{document.after.source.operation}` says is known after apply",
            needs=APPLY,
        )

    def _merged(self, place: Place, depth: int) -> Body:
        """As the provider puts a document together."""
        parts = (
            self._single(place.at("source_json"), depth),
            self._listed(place.at("source_policy_documents"), depth),
            self._own(place.each("statement")),
            self._single(place.at("override_json"), depth),
            replace(self._listed(place.at("override_policy_documents"), depth), overrides=True),
        )
        version = place.text("version")
        told = version.value if isinstance(version, Known) and version.value else _VERSION
        return {"Version": told, "Statement": merged(parts)}

    def _own(self, blocks: Fact[tuple[Place, ...]]) -> Part:
        if isinstance(blocks, Unknown):
            return Part(more=True)
        return Part(statements=tuple(statement(each, self._references) for each in blocks.value))

    def _single(self, place: Place, depth: int) -> Part:
        return self._taken(place, (place,), depth)

    def _listed(self, place: Place, depth: int) -> Part:
        """A list of unknown length may hold a document that no reference shows."""
        elements = place.each()
        return Part(more=True) if isinstance(elements, Unknown) else self._taken(place, elements.value, depth)

    def _taken(self, place: Place, elements: tuple[Place, ...], depth: int) -> Part:
        """What of the elements is not known are the documents that the expression refers to, if they are as many."""
        texts = [(element, element.text()) for element in elements]
        bodies = [_parsed(text.value, element) for element, text in texts if isinstance(text, Known) and text.value]
        left = sum(isinstance(text, Unknown) for _, text in texts)
        behind = self._behind(place) if left else ()
        followed = len(behind) == left
        if followed:
            bodies += [self._body(each, depth + 1) for each in behind]
        known = [body.value for body in bodies if isinstance(body, Known)]
        return Part(
            statements=tuple(each for body in known for each in _statements(body)),
            more=not followed or len(known) < len(bodies),
        )

    def _behind(self, place: Place) -> tuple[Resource, ...]:
        if place.resource is None:
            return ()
        reached = self._plan.reached(place.resource, *place.path, identity=DOCUMENT)
        return () if reached.gaps else tuple(each for each in reached.items if not each.known("json"))


def _written(body: Body) -> str:
    statements = body.get("Statement")
    return json.dumps({**body, "Statement": shown(statements)} if isinstance(statements, list) else body)


def _statements(body: Body) -> list[Statement]:
    listed = body.get("Statement", [])
    return [each for each in (listed if isinstance(listed, list) else [listed]) if isinstance(each, dict)]


def _parsed(text: str, place: Place) -> Fact[Body]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    return (
        Known(value=body, sources=(place.values.source,)) if isinstance(body, dict) else place.values.misfit("a policy")
    )
