"""What Databricks documents that a delivery needs, and whether a way gives more."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from posture.adapters.aws.access.ways import Resource, Way, ways
from posture.iam import ActionClass, Document, Gate, GateKind, parse
from posture.iam.conditions import Family, Quantifier, Test
from posture.iam.document import Effect, Statement
from posture.iam.templates import Style
from posture.model.subjects import HolderKind
from posture.model.trust import Holder

ON_OBJECTS: Final = (
    *("s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"),
    "s3:ListMultipartUploadParts",
)
ON_LISTS: Final = ("s3:ListBucket", "s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads")
ON_BUCKET: Final = ("s3:GetBucketLocation",)
OF_STORE: Final = frozenset((*ON_OBJECTS, *ON_LISTS, *ON_BUCKET))
_ON_BUCKET_LOWER: Final = frozenset(name.lower() for name in ON_BUCKET)
OF_KEY: Final = frozenset({"kms:GenerateDataKey", "kms:Decrypt"})
OF_ROLE: Final = frozenset({"sts:AssumeRole"})


def deny_needed(arn: str, prefix: str) -> str:
    """A policy that takes away what a delivery needs below a prefix; what it leaves over is more than that."""
    lists = [prefix.rstrip("/"), f"{prefix}*"]
    statements: list[dict[str, object]] = [
        {"Effect": "Deny", "Principal": "*", "Action": list(ON_OBJECTS), "Resource": f"{arn}/{prefix}*"},
        {"Effect": "Deny", "Principal": "*", "Action": list(ON_BUCKET), "Resource": arn},
        {"Effect": "Deny", "Principal": "*", "Action": list(ON_LISTS), "Resource": arn},
    ]
    if prefix:
        statements[-1]["Condition"] = {"StringLike": {"s3:prefix": lists}}
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


class StoreNeed:
    """Judges the ways into a bucket. Where a prefix matters, the policies are asked once what lies beside it."""

    def __init__(self, policies: tuple[Document, ...], resource: Resource, prefix: str) -> None:
        self._policies = policies
        self._resource = resource
        self._prefix = prefix
        self._beyond: frozenset[tuple[Holder, ActionClass]] | None = None

    def within(self, way: Way) -> bool:
        """Whether the way gives documented actions only, and nothing outside the prefix."""
        if not frozenset(way.actions) <= OF_STORE:
            return False
        if not self._prefix or way.holder.kind is not HolderKind.PRINCIPAL:
            return True
        return not self._plainly_beyond(way) and way.key not in self._outside()

    def _plainly_beyond(self, way: Way) -> bool:
        """Whether one request outside the prefix gets through, which spares the search for any."""
        arn = self._resource.arn or ""
        for action in way.actions:
            place = arn if action in ON_LISTS else f"{arn}/beside-{self._prefix}log"
            if action not in ON_BUCKET and self._resource.lets(self._policies, way.holder.name, action, place):
                return True
        return False

    def _outside(self) -> frozenset[tuple[Holder, ActionClass]]:
        if self._beyond is None and all(self._below(entry) for policy in self._policies for entry in policy.statements):
            self._beyond = frozenset()
        if self._beyond is None:
            arn = self._resource.arn or ""
            cut = Gate(policy=parse(deny_needed(arn, self._prefix), "need"), kind=GateKind.CUTS, name="need")
            everywhere = replace(self._resource, prefix="")
            found = everywhere.reach(self._policies, gates=[cut], actions=tuple(sorted(OF_STORE)))
            self._beyond = frozenset(way.key for way in ways(found))
        return self._beyond

    def _below(self, statement: Statement) -> bool:
        """Whether a statement plainly gives nothing outside the prefix, which spares the search for a request."""
        if Effect.ALLOW not in statement.effects:
            return True
        if statement.resources.negated or statement.resources.doubts:
            return False
        arn = self._resource.arn or ""
        texts = [value.text for value in statement.resources.values]
        lists = not frozenset(statement.actions.patterns) <= _ON_BUCKET_LOWER or statement.actions.negated
        listed = any(_limits(test, self._prefix) for test in statement.tests)
        return all(
            text.startswith(f"{arn}/{self._prefix}") or (text == arn and (listed or not lists)) for text in texts
        )


def _limits(test: Test, prefix: str) -> bool:
    """Whether a test lets only listings below the prefix through."""
    plain = not (test.operator.negated or test.if_exists or test.quantifier is Quantifier.ALL)
    below = (value.text == prefix.rstrip("/") or value.text.startswith(prefix) for value in test.values)
    exact = test.operator.family is Family.STRING and test.operator.style in (Style.LITERAL, Style.GLOB)
    return test.key == "s3:prefix" and plain and exact and all(below)


def within(allowed: frozenset[str], way: Way) -> bool:
    """Whether a way gives these actions only."""
    return frozenset(way.actions) <= allowed
