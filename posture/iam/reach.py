"""Who can reach a resource: every class of callers that the policies let through, each with a replayed witness."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import repeat
from typing import Final

from posture.iam.actions import Action, ActionClass
from posture.iam.bounds import Mode, named_modes, open_mode
from posture.iam.candidate import Candidate
from posture.iam.candidates import candidates
from posture.iam.cells import World
from posture.iam.document import Document, PolicySource, Resources
from posture.iam.encode import sorts_of_keys
from posture.iam.groups import action_groups, partition_of, policy_universe
from posture.iam.inquiry import Hit, Inquiry
from posture.iam.memberships import FRESH_ORGANISATION
from posture.iam.mentions import mentions
from posture.iam.principals import ACCOUNT
from posture.iam.proof import Proof
from posture.iam.question import Gate, Layer, Question, all_statements, as_document, layer, told_apart
from posture.iam.results import (
    BUDGET,
    Bound,
    BoundKind,
    Effort,
    Limits,
    PrincipalClass,
    PrincipalKind,
    Reach,
    ReachClass,
    StatementRef,
    Undetermined,
)
from posture.iam.theories import OutOfWorkError, Work
from posture.iam.witness import request_of, resource_text

UNREPLAYED: Final = "internal error: the second evaluator does not allow the witness"
MOST_NAMED: Final = 1000  # callers told one by one of whom nothing could be decided any more
SHOWN: Final = 8  # values of a line in words
FEDERATED_NOTE: Final = "a federated provider signs no request itself, yet AWS counts the policy as public"


def reach(  # the parts of the question
    *,
    grants: Sequence[PolicySource | Document],
    owner: str,
    gates: Sequence[Gate] = (),
    organisation: str | None = None,
    members: frozenset[str] | None = None,
    resource: str | None = None,
    prefix: str = "",
    actions: Iterable[str] | None = None,
    context: Mapping[str, str | Sequence[str] | None] | None = None,
    now: datetime | None = None,
    limits: Limits | None = None,
) -> Reach:
    """Decide who can do what under the union of `grants`, cut by every Deny in them and by the gates.

    `resource` is the bucket's (key's, role's) ARN, None for any; `prefix` narrows to objects below it. `organisation`
    is the owner's, empty where it has none, None where that is not known; `members` are all its accounts, None where
    these are not known. `context` fixes keys of every request (None: absent). `actions` narrows the universe, with
    wildcards. Time counts from `now`, by default the present.
    """
    if not ACCOUNT.fullmatch(owner):
        message = f"`{owner}` is no account id"
        raise ValueError(message)
    given = [as_document(grant, f"grant {number + 1}") for number, grant in enumerate(grants)]
    documents = told_apart((*given, *(as_document(gate.policy, gate.name) for gate in gates)))
    asked = policy_universe(documents[: len(given)], resource, actions)
    layers = tuple(layer(*pair, asked) for pair in zip(documents, (*repeat(None, len(given)), *gates), strict=True))
    moment = now or datetime.now(tz=UTC)
    facts = {
        key.lower(): None if value is None else (value,) if isinstance(value, str) else tuple(value)
        for key, value in (context or {}).items()
    }
    instant = Decimal(int(moment.timestamp()))
    world = World(owner=owner, organisation=organisation, now=instant, facts=facts, members=members)
    return Decider.of(layers, asked, world, resource, prefix, limits or Limits()).decide()


@dataclass(slots=True)
class Decider:
    """The state of one decision."""

    inquiry: Inquiry
    asked: tuple[Action, ...]
    proof: Proof
    found: list[ReachClass] = field(default_factory=list)
    open: list[Undetermined] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)

    @staticmethod
    def of(  # the parts of the question  # noqa: PLR0917  # private; the parts of one question
        layers: tuple[Layer, ...],
        asked: tuple[Action, ...],
        world: World,
        resource: str | None,
        prefix: str,
        limits: Limits,
    ) -> "Decider":
        """Prepare the question."""
        statements = all_statements(layers)
        work = Work(most_states=limits.states, most_steps=limits.steps)
        mixed, sorts = sorts_of_keys(statements)
        question = Question(
            layers=layers,
            world=world,
            bucket=resource,
            prefix=prefix,
            work=work,
            mixed=mixed,
            sorts=sorts,
        )
        inquiry = Inquiry(
            question=question,
            named=mentions(statements, world.organisation),
            facts=frozenset(world.facts),
        )
        return Decider(inquiry=inquiry, asked=asked, proof=Proof.of(layers, resource))

    def decide(self) -> Reach:
        """Go through all action groups and candidates."""
        question, named = self.inquiry.question, self.inquiry.named
        statements = all_statements(question.layers)
        tests = [test for statement in statements for test in statement.tests]
        modes = list(named_modes(named, tests))
        try:
            everyone = list(candidates(statements, named, question.world, partition_of(question.bucket), question.work))
        except OutOfWorkError:
            everyone = []
            self._undetermined(None, list(range(len(self.asked))), (BUDGET,))
        for place, members in action_groups(question.layers, self.asked, question.bucket):
            self._group(place, members, everyone, modes)
        if named.federated:
            self.notes[FEDERATED_NOTE] = None
        work = question.work
        problems = [f"{entry.document.name}: {text}" for entry in question.layers for text in entry.document.problems]
        return Reach(
            classes=tuple(self.found),
            undetermined=tuple(self.open),
            problems=tuple(problems),
            notes=tuple(self.notes),
            effort=Effort(scenarios=self.inquiry.scenarios, states=work.states, steps=work.steps),
            spelt=work.spelt,
        )

    def _group(self, place: str, members: list[int], everyone: list[Candidate], modes: list[Mode]) -> None:
        unbounded: set[PrincipalClass] = set()
        for position, candidate in enumerate(everyone):
            chosen = candidate.asking(members, self.asked)
            if not chosen or unbounded.intersection(candidate.covered_by):
                continue
            try:
                if self._candidate(candidate, place, chosen, modes):
                    unbounded.add(candidate.principal)
            except OutOfWorkError:
                if len(everyone) - position > MOST_NAMED:
                    self._undetermined(None, members, (BUDGET,))
                    return
                self._undetermined(candidate.principal, chosen, (BUDGET,))

    def _candidate(self, candidate: Candidate, place: str, members: list[int], modes: list[Mode]) -> bool:
        """Whether the candidate gets in without any bound."""
        first = members[0]
        inquiry = self.inquiry
        if not inquiry.possible(candidate, first, place):
            return False
        hit = inquiry.ask(candidate, open_mode(inquiry.named), first, place, doubts=False)
        if hit is not None:
            return self._report(candidate, hit, place, members, Bound(kind=BoundKind.NONE))
        reasons: dict[str, None] = {}
        doubtful = inquiry.ask(candidate, open_mode(inquiry.named), first, place, doubts=True)
        if doubtful is not None:
            reasons.update(dict.fromkeys(doubtful.model.reasons))
        bounded: dict[BoundKind, list[tuple[Mode, Hit]]] = {}
        for mode in modes:
            hit = inquiry.ask(candidate, mode, first, place, doubts=False)
            if hit is not None:
                bounded.setdefault(mode.kind, []).append((mode, hit))
            elif doubtful is None:
                other = inquiry.ask(candidate, mode, first, place, doubts=True)
                reasons.update(dict.fromkeys(other.model.reasons if other else ()))
        for kind, hits in bounded.items():
            names = tuple(name for mode, _ in hits for name in mode.names)
            self._report(candidate, hits[0][1], place, members, Bound(kind=kind, names=names))
        if reasons:
            self._undetermined(candidate.principal, members, tuple(reasons))
        return False

    def _undetermined(self, principal: PrincipalClass | None, members: list[int], reasons: tuple[str, ...]) -> None:
        for kind in ActionClass:
            names = tuple(self.asked[index].name for index in members if self.asked[index].action_class is kind)
            if names:
                self.open.append(Undetermined(principal=principal, action_class=kind, actions=names, reasons=reasons))

    def _report(self, candidate: Candidate, hit: Hit, place: str, members: list[int], bound: Bound) -> bool:
        question = self.inquiry.question
        resource = resource_text(hit.model, question.bucket, question.prefix, place)
        keys = (self.inquiry.named.keys | self.inquiry.named.referenced | self.inquiry.facts) - {""}
        sound = True
        for kind in ActionClass:
            indices = [index for index in members if self.asked[index].action_class is kind]
            if not indices:
                continue
            request = request_of(hit, keys, self.asked[indices[0]].name, resource, question.work)
            statements = self.proof.statements(request, indices[0], question.work)
            names = tuple(self.asked[index].name for index in indices)
            if statements is None:
                sound = False
                reasons = (f"{UNREPLAYED}: {request}",)
                self.open.append(
                    Undetermined(principal=candidate.principal, action_class=kind, actions=names, reasons=reasons)
                )
                continue
            self.found.append(
                ReachClass(
                    principal=candidate.principal,
                    action_class=kind,
                    actions=names,
                    bound=bound,
                    conditions=self._words(statements),
                    statements=statements,
                    witness=request,
                    assumptions=self._assumptions(candidate, hit),
                )
            )
        return sound

    def _words(self, statements: tuple[StatementRef, ...]) -> tuple[str, ...]:
        words: list[str] = []
        for entry in self.inquiry.question.layers:
            for reference in statements:
                if reference.policy == entry.document.name:
                    statement = entry.statements[reference.index]
                    words.extend(test.words for test in statement.tests)
                    words.extend(self._place_words(statement.resources))
        return tuple(dict.fromkeys(words))

    def _place_words(self, resources: Resources) -> tuple[str, ...]:
        """The limits to a part of the resource."""
        bucket = self.inquiry.question.bucket
        texts = [value.text for value in resources.values]
        whole = {"*", bucket, f"{bucket}/*", f"{bucket}*"}
        if not resources.negated and (not texts or whole.intersection(texts)):
            return ()
        shown = ", ".join(texts[:SHOWN]) + (", …" if len(texts) > SHOWN else "")
        return (f"{'NotResource' if resources.negated else 'Resource'} = {shown}",) if texts else ()

    def _assumptions(self, candidate: Candidate, hit: Hit) -> tuple[str, ...]:
        membership = hit.encoder.cell.membership
        named = candidate.principal.kind in (PrincipalKind.ACCOUNT, PrincipalKind.PRINCIPAL)
        world = self.inquiry.question.world
        known = world.membership(hit.encoder.cell.account or "") is True
        if named and membership.startswith("o-") and membership != FRESH_ORGANISATION and not known:
            return (f"account {hit.encoder.cell.account} belongs to organisation {membership}",)
        return ()
