"""Follows the references of an expression, through modules, locals, instances and other resources, to what it names.

A literal cannot be unknown, so what leads to none but literals is passed over; what leads nowhere else blocks the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, TypeVar

from posture.frozen import dataclass
from posture.model.facts import Source
from posture.terraform.address import DATA, Key, Reference, Root, Special, Step, leaves, parse_reference
from posture.terraform.configuration import MOST_REFERENCES, Configured, Leaf, references
from posture.terraform.inventory import Identity, Inventory, Modules
from posture.terraform.resources import Resource
from posture.terraform.sources import Sources, Written
from posture.terraform.values import Path

MOST_STEPS: Final = MOST_REFERENCES  # of one question; real ones take ten
STEPS_EACH: Final = 20  # of all questions together, for each resource
STEPS_MORE: Final = 10_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where references lead. `blocked` says why they may lead elsewhere too; it is empty when they do not."""

    resources: tuple[Resource, ...]
    blocked: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """Where an expression stands: its module instance, its own instance key, and what its `for_each` refers to."""

    modules: Modules
    key: Key = None
    repeated: tuple[str, ...] = ()
    asked: Key = None  # the key by which the value of this expression is taken apart further out
    any_output: bool = False  # the plan does not say which output is meant, so that dead ends say nothing

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(step.name for step in self.modules)


class Routes:
    """Answers from the configuration of a plan, and from its files where they are at hand."""

    def __init__(self, inventory: Inventory, sources: Sources, *, informed: bool) -> None:
        self._inventory = inventory
        self._sources = sources
        self.informed = informed  # whether the files are at hand
        self._left = STEPS_MORE + STEPS_EACH * len(inventory.resources)

    def follow(self, resource: Resource, path: Path, identity: Identity) -> Route:
        """Where the expression of an attribute leads."""
        walk = _Walk(
            self._inventory, self._sources, identity, str(path[0]) if path else "", min(MOST_STEPS, self._left)
        )
        walk.expression(resource, path)
        walk.finish()
        self._left -= walk.steps
        blocked = walk.blocked or (walk.unread if not walk.found else "")
        return Route(resources=tuple(walk.found), blocked=blocked, sources=tuple(walk.sources))


class _Walk:
    """One question. Each place is entered once, so circles end; all together are bounded."""

    def __init__(self, inventory: Inventory, sources: Sources, identity: Identity, attribute: str, most: int) -> None:
        self._most = most
        self._inventory = inventory
        self._files = sources
        self._identity = identity
        self._attribute = attribute  # of the satellite; another satellite of the same target has it too
        self._entered: set[tuple[_Scope, Reference, bool]] = set()
        self._ahead: list[tuple[_Scope, Reference, bool]] = []  # no recursion: a chain may be long
        self.steps = 0
        self.found: dict[Resource, None] = {}
        self.sources: dict[Source, None] = {}
        self.blocked = ""
        self.unread = ""

    def expression(self, resource: Resource, path: Path) -> None:
        """Follow the expression of an attribute of a resource."""
        address = resource.address
        configured = self._inventory.module(address.modules).resources.get((address.kind, address.name))
        if configured is None:
            self._block("the plan does not show its configuration")
            return
        if self.steps >= self._most:
            self.steps += 1
            return
        scope = _Scope(modules=address.modules, key=address.key, repeated=configured.repeated)
        texts = references(configured.expressions, path, resource.after)
        if texts is None:
            self._block("the plan does not show the expression")
            return
        written = self._files.attribute(scope.names, block_words(address.kind, address.name), str(path[0]))
        self._group(scope, self._better(texts, written if len(path) == 1 else None))

    def finish(self) -> None:
        """Go all the ways."""
        while self._ahead and self.steps <= self._most:
            scope, reference, same = self._ahead.pop()
            self._step(scope, reference, same=same)
        if self.steps > self._most:
            self._block("there are too many references to follow")

    def _group(self, scope: _Scope, texts: Iterable[str], *, same: bool = False) -> None:
        """Follow all references of one expression. Where it names its own key, it takes that instance of others."""
        specific = leaves(tuple(texts))
        self.steps += len(specific)
        if self.steps > self._most:
            return
        parsed = [parse_reference(text) for text in specific]
        same = same or any(each.root is Root.EACH or each.key is Special.SAME for each in parsed)
        same = same or "count.index" in specific
        for reference in parsed:
            self._enter(scope, reference, same=same)

    def _enter(self, scope: _Scope, reference: Reference, *, same: bool) -> None:
        place = (scope, reference, same)
        if place not in self._entered:
            self._entered.add(place)
            self._ahead.append(place)

    def _step(self, scope: _Scope, reference: Reference, *, same: bool) -> None:
        match reference.root:
            case Root.RESOURCE:
                self._resource(scope, reference, same=same)
            case Root.MODULE:
                self._output(scope, reference, same=same)
            case Root.VARIABLE:
                self._input(scope, reference, same=same)
            case Root.LOCAL:
                self._local(scope, reference, same=same)
            case Root.EACH if reference.name == "value":
                self._repeated(scope, reference)
            case _:
                pass

    def _resource(self, scope: _Scope, reference: Reference, *, same: bool) -> None:
        instances = self._inventory.instances(scope.modules, reference.kind, reference.name)
        chosen = [instances[key] for key in _chosen(instances, reference.key, _wanted(scope, same=same))]
        self.steps += len(chosen)
        if reference.kind not in self._identity.kinds:
            self._through(scope, reference, chosen)
        elif reference.attribute and reference.attribute not in self._identity.attributes:
            self._dead_end(scope, reference)
        elif self.steps <= self._most:
            self.found.update(dict.fromkeys(chosen))

    def _through(self, scope: _Scope, reference: Reference, chosen: Iterable[Resource]) -> None:
        """Past another resource: what its attribute says, or for its id, what it belongs to."""
        configured = self._inventory.module(scope.modules).resources.get((reference.kind, reference.name))
        attribute = _onward(configured, reference.attribute, self._attribute) if configured is not None else ""
        for resource in chosen:
            if not attribute:
                self._dead_end(scope, reference)
                return
            if self.steps <= self._most:
                self.sources[resource.after.at(attribute).source] = None
                self.expression(resource, (attribute,))

    def _output(self, scope: _Scope, reference: Reference, *, same: bool) -> None:
        call = self._inventory.module(scope.modules).calls.get(reference.name)
        if call is None:
            return
        outputs = call.module.outputs
        names = [reference.attribute] if reference.attribute else list(outputs)
        if reference.attribute and reference.attribute not in outputs:
            self._dead_end(scope, reference)
            return
        wanted = _wanted(scope, same=same)
        known = dict.fromkeys(self._inventory.calls(scope.modules, reference.name))
        for key in _chosen(known, reference.key, wanted) or (_single(reference.key, wanted),):
            inner = _Scope(
                modules=(*scope.modules, Step(reference.name, key)),
                asked=wanted if key is None else None,
                any_output=scope.any_output or not reference.attribute,
            )
            for name in names:
                self._group(inner, outputs[name])

    def _input(self, scope: _Scope, reference: Reference, *, same: bool) -> None:
        if not scope.modules:
            return
        *outer, step = scope.modules
        above = _Scope(modules=tuple(outer), key=step.key, asked=_wanted(scope, same=same), any_output=scope.any_output)
        call = self._inventory.module(above.modules).calls.get(step.name)
        if call is None:
            self._block("the plan does not show its configuration")
            return
        match call.inputs.get(reference.name):
            case Leaf(references=texts):
                written = self._files.attribute(above.names, ("module", step.name), reference.name)
                self._group(replace(above, repeated=call.repeated), self._better(texts, written))
            case _:
                pass  # the default of the variable: a literal

    def _local(self, scope: _Scope, reference: Reference, *, same: bool) -> None:
        written = self._files.local(scope.names, reference.name)
        if written is None:
            self.unread = self.unread or f"it is behind `local.{reference.name}`, which a plan does not show"
        elif written.built:
            self.unread = self.unread or f"`local.{reference.name}` puts a text together"
        else:
            inner = _Scope(modules=scope.modules, asked=_wanted(scope, same=same), any_output=scope.any_output)
            self._group(inner, written.references)

    def _repeated(self, scope: _Scope, value: Reference) -> None:
        """`each.value`: the instance with the same key of what `for_each` refers to."""
        inner = replace(scope, repeated=())
        for text in leaves(scope.repeated):
            reference = parse_reference(text)
            attribute = reference.attribute or value.attribute
            self._enter(inner, replace(reference, attribute=attribute), same=True)

    def _better(self, texts: tuple[str, ...], written: Written | None) -> tuple[str, ...]:
        """The references as they are written, which say more, unless the files are of another configuration."""
        if written is None:
            return texts
        self.steps += len(texts)
        heads = {_head(text) for text in texts} - {None}
        if not heads <= {_head(text) for text in written.references}:
            return texts
        if written.built:
            self._block("it puts a text together")
        return tuple(text for text in written.references if _head(text) in {*heads, None})

    def _dead_end(self, scope: _Scope, reference: Reference) -> None:
        if not scope.any_output:
            name = ".".join(part for part in (reference.kind, reference.name, reference.attribute) if part)
            self._block(f"`{name}` is only known after apply")

    def _block(self, why: str) -> None:
        self.blocked = self.blocked or why


def block_words(kind: str, name: str) -> tuple[str, ...]:
    """The words that a resource block starts with."""
    mode, dot, rest = kind.partition(".")
    return ("data", rest, name) if dot and mode == DATA else ("resource", kind, name)


def _wanted(scope: _Scope, *, same: bool) -> Key:
    return scope.key if same else scope.asked


def _chosen(instances: Mapping[Key, T], key: Key, wanted: Key) -> tuple[Key, ...]:
    """The instances that a reference can mean: the one it names, the only one, the one with the wanted key, or all."""
    if key is Special.SAME:
        key = wanted
    if isinstance(key, (str, int)):
        return (key,) if key in instances else ()
    if key is None and None in instances:
        return (None,)
    if key is None and wanted is not None and wanted in instances:
        return (wanted,)
    return tuple(instances)


def _single(key: Key, wanted: Key) -> Key:
    """The key of a module instance that holds no resource, so that the plan does not list it."""
    return key if isinstance(key, (str, int)) else wanted if key is Special.SAME else None


def _onward(configured: Configured, named: str, own: str) -> str:
    if named in configured.expressions:
        return named
    return own if named in {"", "id"} and own in configured.expressions else ""


def _head(text: str) -> tuple[Root, str, str] | None:
    """What a reference is about; None for its own instance, which may also stand inside another reference."""
    reference = parse_reference(text)
    if reference.root in {Root.OTHER, Root.EACH}:
        return None
    return reference.root, reference.kind, reference.name
