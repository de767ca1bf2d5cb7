"""Policy documents: as the plan knows them, or rebuilt from the arguments of a data source that apply will read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from posture.adapters.aws.terraform.identities import DOCUMENT
from posture.adapters.aws.terraform.places import APPLY, References
from posture.adapters.aws.terraform.statements import Statement, statement
from posture.adapters.aws.terraform.vendor_documents import assume_role_policy, bucket_policy
from posture.model.facts import Fact, Known, Reason, Unknown, every_known, united
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
            self._rebuilt[document] = self._body(document, 0).map(json.dumps)
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
            return self._merged(place, depth)
        return Unknown(
            reason=Reason.UNDETERMINED,
            sources=(document.after.source,),
            detail=f"what `{document.after.source.operation}` says is known after apply",
            needs=APPLY,
        )

    def _merged(self, place: Place, depth: int) -> Fact[Body]:
        """As the provider puts a document together: a later statement takes the place of an earlier one of its Sid."""
        own = place.each("statement").map(lambda blocks: tuple(statement(each, self._references) for each in blocks))
        unnamed = place.each("statement").then(lambda blocks: every_known(each.text("sid") for each in blocks))
        parts = (
            self._single(place.at("source_json"), depth),
            self._listed(place.at("source_policy_documents"), depth),
            own,
            self._single(place.at("override_json"), depth),
            self._listed(place.at("override_policy_documents"), depth),
        )
        version = place.text("version")
        shown = version.value if isinstance(version, Known) and version.value else _VERSION

        def merged(groups: tuple[tuple[Statement, ...], ...]) -> Fact[Body]:
            if isinstance(unnamed, Unknown) and any((*groups[:2], *groups[3:])):
                return replace(unnamed, detail="which statement takes the place of which is known after apply")
            body: Body = {"Version": shown, "Statement": _joined(each for group in groups for each in group)}
            return Known(value=body, sources=(place.values.source,))

        return every_known(parts).then(merged)

    def _single(self, place: Place, depth: int) -> Fact[tuple[Statement, ...]]:
        return self._taken(place, (place,), depth)

    def _listed(self, place: Place, depth: int) -> Fact[tuple[Statement, ...]]:
        """The statements of a list of documents. A list of unknown length may hold one that no reference shows."""
        return place.each().then(lambda elements: self._taken(place, elements, depth))

    def _taken(self, place: Place, elements: tuple[Place, ...], depth: int) -> Fact[tuple[Statement, ...]]:
        """What of the elements is not known are the documents that the expression refers to, if they are as many."""
        texts = [(element, element.text()) for element in elements]
        bodies = [_parsed(text.value, element) for element, text in texts if isinstance(text, Known) and text.value]
        left = [text for _, text in texts if isinstance(text, Unknown)]
        if left and place.resource is not None:
            reached = self._plan.reached(place.resource, *place.path, identity=DOCUMENT)
            behind = [each for each in reached.items if isinstance(each.after.text("json"), Unknown)]
            if reached.gaps or len(behind) != len(left):
                needs = f"one such document in each place of the list, or {APPLY}"
                return replace(left[0], detail=f"which documents this takes in is {left[0].detail}", needs=needs)
            bodies += [self._body(each, depth + 1) for each in behind]
        return every_known(bodies).map(lambda found: tuple(each for body in found for each in _statements(body)))


def _joined(statements: Iterable[Statement]) -> list[Statement]:
    found: list[Statement] = []
    places: dict[object, int] = {}
    for each in statements:
        sid = each.get("Sid")
        if sid and sid in places:
            found[places[sid]] = each
        else:
            if sid:
                places[sid] = len(found)
            found.append(each)
    return found


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
