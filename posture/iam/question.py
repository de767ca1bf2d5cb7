"""A conjunction of policies over one request: clauses for a scenario, and the search for a request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass as mutable_dataclass
from dataclasses import field, replace
from typing import Final

from posture.frozen import dataclass
from posture.iam.actions import Action, select, signed_only
from posture.iam.binding import Constant, Open
from posture.iam.cells import Axes, Cell, World
from posture.iam.conditions import Doubt
from posture.iam.document import Actions, Document, Effect, PolicySource, Resources, Statement, parse
from posture.iam.encode import Encoder, Target
from posture.iam.formula import Formula, Sort, Variable, doubtful, every, negate, some
from posture.iam.principals import Principals
from posture.iam.request import CallerKind
from posture.iam.results import GateKind
from posture.iam.search import Model, satisfy
from posture.iam.shapes import ACCOUNTS
from posture.iam.templates import Style, template
from posture.iam.theories import Work
from posture.iam.wildcard import NOT_EMPTY, Language, Pattern, Wild, literal

STATEMENTS: Final = 8  # statements that cost as much to look through as one state to explore


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A further policy on the same request, made by the same caller.

    `resource` and `action` stand for the request's own where this policy sees others (an access point, a key), `only`
    limits the gate to some actions, and `context` fixes keys for this policy alone.
    """

    policy: PolicySource | Document
    kind: GateKind
    name: str = "gate"
    resource: str | None = None
    action: str | None = None
    only: tuple[str, ...] = ("*",)
    context: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A policy with its part in the question: `grant`, or the kind of gate."""

    document: Document
    gate: Gate | None
    statements: tuple[Statement, ...]
    applies: frozenset[int]  # indices of the actions it is asked about
    matched: tuple[tuple[frozenset[int], frozenset[int]], ...]  # per statement: surely matched, perhaps matched
    speaking: Mapping[str, tuple[int, ...]]  # statements by the account, service or other name they are limited to
    general: tuple[int, ...]  # statements that are not limited so

    def relevant(self, cell: Cell) -> Iterable[int]:
        """The statements that may speak of the caller, in their order."""
        if cell.account is None and (cell.unique_id or cell.kind is CallerKind.CANONICAL_USER):
            return range(len(self.statements))
        own = self.speaking.get(cell.account or cell.name or "", ())
        return sorted((*self.general, *own)) if own else self.general


def layer(document: Document, gate: Gate | None, actions: tuple[Action, ...]) -> Layer:
    """Match all actions against all statements once."""
    statements = (*document.statements, *(() if document.readable else unread(document)))
    names = tuple(action.name.lower() for action in actions)
    applies = frozenset(range(len(names)))
    if gate is not None:
        applies = frozenset().union(*(select(pattern.lower(), names) for pattern in gate.only))
    seen = names if gate is None or gate.action is None else (gate.action.lower(),) * len(names)
    known: dict[str, frozenset[int]] = {}
    matched = tuple(_matched(entry.actions, seen, known) for entry in statements)
    speaking: dict[str, list[int]] = {}
    general: list[int] = []
    for index, entry in enumerate(statements):
        people = entry.principals
        if people.everyone or people.negated or people.doubts or people.canonical:
            general.append(index)
            continue
        sessions = (session.account for session in people.sessions)
        for name in {*people.accounts, *people.arns.values(), *sessions, *people.services, *people.federated}:
            speaking.setdefault(name, []).append(index)
    return Layer(
        document=document,
        gate=gate,
        statements=statements,
        applies=applies,
        matched=matched,
        speaking={name: tuple(indices) for name, indices in speaking.items()},
        general=tuple(general),
    )


def unread(document: Document) -> tuple[Statement, ...]:
    """What a policy that cannot be read may say: it may allow anything, and it may deny anything."""
    reason = f"{document.name}: {'; '.join(document.problems)}"
    return tuple(
        Statement(
            index=-1,
            sid="",
            effects=frozenset({effect}),
            unclear_effect=(),
            principals=Principals(everyone=True),
            actions=Actions(negated=False, patterns=("*",)),
            resources=Resources(negated=False, values=(template("*", Style.GLOB, "no"),)),
            tests=(),
            doubts=(Doubt(reason, f"{effect} {document.name} {document.raw!r}"),),
        )
        for effect in Effect
    )


def _matched(
    actions: Actions, names: tuple[str, ...], known: dict[str, frozenset[int]]
) -> tuple[frozenset[int], frozenset[int]]:
    everything = frozenset(range(len(names)))
    for pattern in actions.patterns:
        if pattern not in known:
            known[pattern] = select(pattern, names)
    sure = frozenset().union(*(known[pattern] for pattern in actions.patterns))
    open_ones = everything - sure if actions.doubts else frozenset[int]()
    return (everything - sure - open_ones, open_ones) if actions.negated else (sure, open_ones)


@mutable_dataclass(slots=True)
class Question:
    """The layers of one question and what was already encoded for each scenario."""

    layers: tuple[Layer, ...]
    world: World
    bucket: str | None  # the resource; None: any
    prefix: str
    work: Work
    mixed: frozenset[str]
    sorts: Mapping[str, Sort]
    encoders: dict[tuple[Cell, Axes, int, tuple[tuple[str, str | None], ...]], Encoder] = field(default_factory=dict)
    formulas: dict[tuple[int, int, int, str], Formula] = field(default_factory=dict)
    resources: dict[tuple[int, int, str], Formula] = field(default_factory=dict)

    def encoder(self, cell: Cell, axes: Axes, index: int, pins: Mapping[str, str | None]) -> Encoder:
        """The encoder of a layer in a scenario."""
        gate = self.layers[index].gate
        context = gate.context if gate else {}
        key = (cell, axes, index if context else -1, tuple(sorted(pins.items())))
        if key not in self.encoders:
            facts = {name.lower(): None if value is None else (value,) for name, value in context.items()}
            world = replace(self.world, facts={**self.world.facts, **facts}) if facts else self.world
            self.encoders[key] = Encoder(
                cell=cell, axes=axes, world=world, mixed=self.mixed, sorts=self.sorts, pins=pins
            )
        return self.encoders[key]

    def clauses(
        self, action: int, place: str, cell: Cell, axes: Axes, pins: Mapping[str, str | None]
    ) -> list[Formula] | None:
        """What must hold for the action to be let through; None where no statement allows it."""
        found: list[Formula] = []
        allowed: list[Formula] = []
        for index, entry in enumerate(self.layers):
            if action not in entry.applies:
                continue
            if cell.kind is CallerKind.ANONYMOUS and entry.gate is not None and signed_only(entry.gate.action or ""):
                return None
            encoder = self.encoder(cell, axes, index, pins)
            allows = self.statements(index, encoder, action, place, Effect.ALLOW)
            if entry.gate is None:
                allowed.extend(allows)
            elif entry.gate.kind is GateKind.CONFIRMS:
                found.append(some(allows))
            if found and found[-1] is False:
                return None
            found.extend(negate(deny) for deny in self.statements(index, encoder, action, place, Effect.DENY))
        grant = some(allowed)
        if grant is False or False in found:
            return None
        return [grant, *found]

    def statements(self, index: int, encoder: Encoder, action: int, place: str, effect: Effect) -> list[Formula]:
        """The statements of a layer with an effect that may match the action, as formulas."""
        entry = self.layers[index]
        found: list[Formula] = []
        relevant = tuple(entry.relevant(encoder.cell))
        self.work.look(len(relevant) // STATEMENTS)
        for number in relevant:
            statement = entry.statements[number]
            sure, perhaps = entry.matched[number]
            if effect not in statement.effects or not (action in sure or action in perhaps):
                continue
            key = (id(encoder), index, number, place)
            if key not in self.formulas:
                self.formulas[key] = self._matching(encoder, index, number, place)
            formula = self.formulas[key]
            if action in perhaps:
                doubts = [doubtful(doubt.text, doubt.reason) for doubt in statement.actions.doubts]
                doubt = negate(some(doubts)) if statement.actions.negated else some(doubts)
                formula = every([formula, doubt])
            unclear = (doubtful(f"{effect} {doubt.text}", doubt.reason) for doubt in statement.unclear_effect)
            formula = every([formula, *unclear])
            if formula is not False:
                found.append(formula)
        return found

    def _matching(self, encoder: Encoder, index: int, number: int, place: str) -> Formula:
        entry = self.layers[index]
        statement = entry.statements[number]
        rest = encoder.statement(statement)
        if rest is False:
            return False
        varies = any(value.references for value in statement.resources.values)
        key = (index, number, place)
        if varies or key not in self.resources:
            found = encoder.resource(statement, self.target(place, entry.gate))
            if varies:
                return every([rest, found])
            self.resources[key] = found
        return every([rest, self.resources[key]])

    def target(self, place: str, gate: Gate | None) -> Target:
        """The resource as a policy sees it: a constant, or open below the bucket."""
        own = gate.resource if gate else None
        if own is not None and (place != "object" or ":accesspoint/" not in own):
            return Constant((own,))
        if place == "object":
            key = Variable(name="$key", sort=Sort.TEXT, optional=False, domain=NOT_EMPTY)
            if own is not None:
                return Open(key, prefix=f"{below(own)}{self.prefix}")
            if self.bucket is not None:
                return Open(key, prefix=f"{below(self.bucket)}{self.prefix}")
        if self.bucket is not None:
            return Constant((self.bucket,))
        return Open(Variable(name="$resource", sort=Sort.TEXT, optional=False, domain=self._anything(place)))

    def _anything(self, place: str) -> Language:
        """Every resource that an action of this place may be asked on: buckets, access points, what is in them."""
        part = Wild(many=True, without=":")
        name: Pattern = (Wild(many=False, without=":/"), Wild(many=True, without=":/"))
        bucket: Pattern = (*literal("arn:"), part, *literal(":s3:::"), *name)
        point: Pattern = (
            *literal("arn:"),
            part,
            *literal(":s3:"),
            part,
            ":",
            *ACCOUNTS,
            *literal(":accesspoint/"),
            *name,
        )
        within: Pattern = (Wild(many=False), Wild(many=True))
        match place:
            case "bucket":
                return Language(globs=frozenset({bucket, point}))
            case "object":
                return Language(globs=frozenset({(*bucket, "/", *within), (*point, *literal("/object/"), *within)}))
            case _:
                shape: Pattern = (*literal("arn:"), part, ":", part, ":", part, ":", part, ":", Wild(many=True))
                return Language(globs=frozenset({shape}))

    def solve(self, clauses: list[Formula], extra: Iterable[Formula], *, doubts: bool) -> Model | None:
        """A request under which all clauses hold."""
        return satisfy([*extra, *clauses], self.work, doubts=doubts)


def below(resource: str) -> str:
    """What the ARNs of the objects in a bucket, or behind an access point, start with."""
    return f"{resource}/object/" if ":accesspoint/" in resource else f"{resource}/"


def all_statements(layers: Iterable[Layer]) -> list[Statement]:
    """Every statement of every policy."""
    return [statement for entry in layers for statement in entry.statements]


def as_document(policy: PolicySource | Document, name: str) -> Document:
    """The parsed policy."""
    return policy if isinstance(policy, Document) else parse(policy, name)


def told_apart(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Those that share a name get a number, so that what refers to a statement names one policy."""
    apart: dict[str, Document] = {}
    for document in documents:
        name, number = document.name, 1
        while name in apart:
            number += 1
            name = f"{document.name} ({number})"
        apart[name] = document if name == document.name else replace(document, name=name)
    return tuple(apart.values())
