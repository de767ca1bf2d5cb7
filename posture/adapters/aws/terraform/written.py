"""What the files of a configuration say of a value that a plan does not know: texts with the ARNs of planned resources.

Only what can be put together exactly counts: references to resources of the plan, locals, inputs of modules, keys of
instances, and `jsonencode`. Everything else stays open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final, TypeAlias

from posture.adapters.aws.terraform.homes import Homes
from posture.adapters.aws.terraform.naming import AwsNames
from posture.frozen import dataclass
from posture.model.facts import Known
from posture.terraform.address import Key, Root, Special, parse_reference
from posture.terraform.configuration import references
from posture.terraform.expressions import Body, Called, Expression, Items, Joined, Literal, Pairs, Refers
from posture.terraform.inventory import Modules
from posture.terraform.plan import Plan
from posture.terraform.resources import Resource
from posture.terraform.routes import block_words
from posture.terraform.values import Json, Path

OPEN: Final = "(known after apply)"
_DEEPEST: Final = 20
_ENCODE: Final = "jsonencode"
_SAME: Final = frozenset({"tolist", "toset", "tostring"})

Scope: TypeAlias = tuple[Modules, Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Expressions of one plan, put together."""

    plan: Plan
    names: AwsNames
    homes: Homes

    def value(self, resource: Resource, path: Path) -> Json:
        """The value of an attribute with `OPEN` for every text in it that is not known; None where nobody can tell."""
        expression = self._expression(resource, path)
        if expression is None or not self._agrees(resource, path, expression):
            return None
        address = resource.address
        return self._made(expression, (address.modules, address.key), 0)

    def _expression(self, resource: Resource, path: Path) -> Expression | None:
        address = resource.address
        names = tuple(step.name for step in address.modules)
        body = self.plan.sources.body(names, block_words(address.kind, address.name))
        return _within(body, path, resource) if body is not None else None

    def _agrees(self, resource: Resource, path: Path, expression: Expression) -> bool:
        """Whether the files are those of the plan, as far as references tell."""
        address = resource.address
        configured = self.plan.inventory.module(address.modules).resources.get((address.kind, address.name))
        if configured is None:
            return False
        planned = references(configured.expressions, path, resource.after)
        return planned is not None and _heads(planned) == _heads(_mentioned(expression))

    def _made(self, expression: Expression, scope: Scope, depth: int) -> Json:
        if depth > _DEEPEST:
            return OPEN
        match expression:
            case Literal(value=value):
                return value
            case Joined(parts=parts):
                return "".join(part if isinstance(part, str) else self._text(part, scope, depth) for part in parts)
            case Refers(text=text):
                return self._referred(text, scope, depth)
            case Items(items=items):
                return [self._made(item, scope, depth + 1) for item in items]
            case Pairs(pairs=pairs):
                return {self._text(key, scope, depth): self._made(value, scope, depth + 1) for key, value in pairs}
            case Called(name=name, arguments=(argument,)) if name == _ENCODE:
                return json.dumps(self._made(argument, scope, depth + 1))
            case Called(name=name, arguments=(argument,)) if name in _SAME:
                return self._made(argument, scope, depth + 1)
            case _:
                return OPEN

    def _text(self, expression: Expression, scope: Scope, depth: int) -> str:
        match self._made(expression, scope, depth + 1):
            case str(text):
                return text
            case bool() as flag:
                return "true" if flag else "false"
            case int(number):
                return str(number)
            case _:
                return OPEN

    def _referred(self, text: str, scope: Scope, depth: int) -> Json:
        modules, key = scope
        reference = parse_reference(text)
        match reference.root:
            case Root.RESOURCE:
                found = self._instance(modules, reference.kind, reference.name, reference.key, key)
                return self._attribute(found, reference.attribute) if found is not None else OPEN
            case Root.LOCAL if text == f"local.{reference.name}":
                names = tuple(step.name for step in modules)
                inner = self.plan.sources.local_expression(names, reference.name)
                return self._made(inner, scope, depth + 1) if inner is not None else OPEN
            case Root.VARIABLE if text == f"var.{reference.name}" and modules:
                return self._input(modules, reference.name, depth)
            case Root.VARIABLE if text == f"var.{reference.name}":
                given = self.plan.providers.variable(reference.name)
                return given.value if isinstance(given, Known) else OPEN
            case Root.EACH if reference.name == "key" and isinstance(key, str):
                return key
            case _:
                return str(key) if text == "count.index" and isinstance(key, int) else OPEN

    def _input(self, modules: Modules, name: str, depth: int) -> Json:
        *outer, step = modules
        above = tuple(outer)
        body = self.plan.sources.body(tuple(each.name for each in above), ("module", step.name))
        if body is None or name not in body.attributes:
            return OPEN
        return self._made(body.attributes[name], (above, step.key), depth + 1)

    def _instance(self, modules: Modules, kind: str, name: str, key: Key, own: Key) -> Resource | None:
        instances = self.plan.inventory.instances(modules, kind, name)
        return instances.get(own if key is Special.SAME else key)

    def _attribute(self, resource: Resource, attribute: str) -> Json:
        """A value that the plan knows, or a name that this run gives."""
        value = resource.after.optional(attribute).value()
        if isinstance(value, Known) and value.value is not None:
            return value.value
        match resource.address.kind, attribute:
            case "aws_s3_bucket", "arn":
                return self.names.bucket_arn(resource)
            case "aws_s3_bucket", "id" | "bucket":
                return self.names.bucket_name(resource)
            case "aws_iam_role", "arn":
                return self.names.role(resource).arn
            case "aws_kms_key", "arn":
                return self.names.key(resource).key_id
            case "data.aws_caller_identity", "account_id" | "id":
                return self._account(resource)
            case _:
                return OPEN

    def _account(self, resource: Resource) -> str:
        home = self.homes.of(resource).account
        return home.value if isinstance(home, Known) else OPEN


def closed(value: Json) -> Json:
    """A policy in which every text that holds something open is open as a whole, and so is a condition around one."""
    match value:
        case str() if OPEN in value:
            return OPEN
        case list():
            return [closed(item) for item in value]
        case dict():
            return {key: _closed_member(key, item) for key, item in value.items()}
        case _:
            return value


def _closed_member(key: str, value: Json) -> Json:
    if key == "Condition" and OPEN in json.dumps(value):
        return {OPEN: {}}
    return closed(value)


def _within(body: Body, path: Path, resource: Resource) -> Expression | None:
    """The expression at a path. An inner block is told by its place, where no block is generated and none is a set."""
    match path:
        case (str(name),):
            return body.attributes.get(name)
        case (str(name), int(index), *rest):
            blocks = body.named(name)
            planned = resource.after.at(name).each()
            if (
                not blocks
                or not isinstance(planned, Known)
                or len(planned.value) != len(blocks)
                or index >= len(blocks)
            ):
                return None
            if name != "statement" and len(blocks) > 1:
                return None
            return _inner(blocks[index], tuple(rest))
        case _:
            return None


def _inner(body: Body, path: Path) -> Expression | None:
    match path:
        case (str(name),):
            return body.attributes.get(name)
        case (str(name), 0, *rest):
            blocks = body.named(name)
            return _inner(blocks[0], tuple(rest)) if blocks is not None and len(blocks) == 1 else None
        case _:
            return None


def _mentioned(expression: Expression | str) -> Iterable[str]:
    match expression:
        case Refers(text=text):
            yield text
        case Joined(parts=parts):
            for part in parts:
                yield from _mentioned(part)
        case Items(items=items) | Called(arguments=items):
            for item in items:
                yield from _mentioned(item)
        case Pairs(pairs=pairs):
            for key, value in pairs:
                yield from (*_mentioned(key), *_mentioned(value))
        case _:
            pass


def _heads(texts: Iterable[str]) -> frozenset[tuple[Root, str, str]]:
    parsed = (parse_reference(text) for text in texts)
    return frozenset((each.root, each.kind, each.name) for each in parsed if each.root not in {Root.OTHER, Root.EACH})
