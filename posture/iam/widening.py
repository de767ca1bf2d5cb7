"""Whether a new policy allows a request that the old one does not."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from posture.frozen import dataclass
from posture.iam import replay
from posture.iam.bounds import any_mode
from posture.iam.candidates import candidates
from posture.iam.cells import Axes, Cell, World
from posture.iam.document import Document, Effect, PolicySource
from posture.iam.encode import sorts_of_keys
from posture.iam.formula import Formula, every, negate, some
from posture.iam.groups import action_groups, partition_of, policy_universe
from posture.iam.inquiry import Hit, Inquiry
from posture.iam.mentions import mentions
from posture.iam.question import Question, all_statements, as_document, layer
from posture.iam.request import Request
from posture.iam.results import BUDGET, Effort, Limits
from posture.iam.theories import OutOfWorkError, Work
from posture.iam.witness import request_of, resource_text


class Change(StrEnum):
    """What a change of policy does to the set of allowed requests."""

    WIDENS = "widens"
    NEVER = "never"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Widening:
    """The verdict with its proof: a request that only the new policy allows, or the size of the search without one."""

    change: Change
    witness: Request | None
    reasons: tuple[str, ...]
    effort: Effort


NEW, OLD = 0, 1


def widens(  # the parts of the question
    old: PolicySource | Document,
    new: PolicySource | Document,
    *,
    owner: str = "",
    organisation: str | None = None,
    resource: str | None = None,
    now: datetime | None = None,
    limits: Limits | None = None,
) -> Widening:
    """A request that `new` allows and `old` does not, whoever makes it, or the proof that there is none."""
    documents = [as_document(new, "new"), as_document(old, "old")]
    asked = policy_universe(documents, resource, None)
    layers = tuple(layer(document, None, asked) for document in documents)
    statements = all_statements(layers)
    moment = now or datetime.now(tz=UTC)
    budget = limits or Limits()
    world = World(owner=owner, organisation=organisation, now=Decimal(int(moment.timestamp())))
    work = Work(most_states=budget.states, most_steps=budget.steps)
    mixed, sorts = sorts_of_keys(statements)
    question = Question(layers=layers, world=world, bucket=resource, prefix="", work=work, mixed=mixed, sorts=sorts)
    named = mentions(statements, organisation)
    inquiry = Inquiry(question=question, named=named, facts=frozenset(), shape=_newly)
    reasons: dict[str, None] = {}
    groups = action_groups(layers, asked, resource)
    try:
        everyone = list(candidates(statements, named, world, partition_of(resource), work))
    except OutOfWorkError:
        return _answer(inquiry, Change.UNDETERMINED, None, (BUDGET,))
    for candidate in everyone:
        for place, members in groups:
            chosen = candidate.asking(members, asked)
            if not chosen:
                continue
            try:
                sure = inquiry.ask(candidate, any_mode(), chosen[0], place, doubts=False)
                open_one = sure or inquiry.ask(candidate, any_mode(), chosen[0], place, doubts=True)
            except OutOfWorkError:
                reasons[BUDGET] = None
                continue
            if sure is not None:
                witness = _request(inquiry, sure, asked[chosen[0]].name, place)
                if _replays(documents, witness):
                    return _answer(inquiry, Change.WIDENS, witness, ())
                reasons[f"internal error: the second evaluator does not confirm the witness: {witness}"] = None
            elif open_one is not None:
                reasons.update(dict.fromkeys(open_one.model.reasons))
    change = Change.UNDETERMINED if reasons else Change.NEVER
    return _answer(inquiry, change, None, tuple(reasons))


def _newly(  # noqa: PLR0917  # private; the parts of one question
    question: Question, action: int, place: str, cell: Cell, axes: Axes, pins: Mapping[str, str | None]
) -> list[Formula] | None:
    """The new policy allows, and the old one has no Allow that matches or has a Deny that does."""

    def matching(index: int, effect: Effect) -> list[Formula]:
        return question.statements(index, question.encoder(cell, axes, 0, pins), action, place, effect)

    grant = some(matching(NEW, Effect.ALLOW))
    if grant is False:
        return None
    refused = some([every(map(negate, matching(OLD, Effect.ALLOW))), *matching(OLD, Effect.DENY)])
    clauses = [grant, refused, *map(negate, matching(NEW, Effect.DENY))]
    return None if False in clauses else clauses


def _request(inquiry: Inquiry, hit: Hit, action: str, place: str) -> Request:
    question = inquiry.question
    resource = resource_text(hit.model, question.bucket, question.prefix, place)
    keys = inquiry.named.keys | inquiry.named.referenced
    return request_of(hit, keys, action, resource, question.work)


def _replays(documents: list[Document], witness: Request) -> bool:
    new, old = (replay.decide(replay.load(document.raw), witness) for document in documents)
    return new.answer is replay.Answer.ALLOWED and old.answer is replay.Answer.DENIED


def _answer(inquiry: Inquiry, change: Change, witness: Request | None, reasons: tuple[str, ...]) -> Widening:
    work = inquiry.question.work
    effort = Effort(scenarios=inquiry.scenarios, states=work.states, steps=work.steps)
    return Widening(change=change, witness=witness, reasons=reasons, effort=effort)
