"""The run over a plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from posture.adapters.planned import NEEDS_CONTEXT
from posture.assess import assess
from posture.estate import Joined
from posture.estate.changes import Changes, Side
from posture.frozen import dataclass
from posture.model.assessment import Assessment, IdentityUse, InputUse, Unlooked
from posture.model.facts import Reason, Unknown
from posture.model.leads import Lead, StoreRef
from posture.model.logic import Outcome
from posture.model.rows import Rows
from posture.model.settings import Settings
from posture.model.subjects import Mode
from posture.model.trust import TrustZone
from posture.planning.outside import as_it_was, with_outside_stores
from posture.planning.places import Deciders, places_of
from posture.planning.side import Follow
from posture.planning.targets import ALONE, Asked, refuse_strangers
from posture.planning.worse import Worse
from posture.reading import Reading
from posture.scanning import concluded, moment_of, now_text, rules_of, run_record
from posture.snapshot import Request
from posture.terraform.address import DATA
from posture.terraform.document import Kind
from posture.terraform.plan import Plan
from posture.terraform.resources import Action, Drift, Resource
from posture.worklist import Watcher

_OPEN = frozenset({Outcome.FAIL, Outcome.UNKNOWN})
_NO_CONTEXT = Unknown(reason=Reason.NOT_COLLECTED, detail="a plan does not know this", needs=NEEDS_CONTEXT)
_BEYOND_CONTEXT = Unknown(
    reason=Reason.NOT_COLLECTED,
    detail="neither the plan nor the scan given with --context knows this",
    needs="a newer scan of what the plan is about, for --context",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOutcome:
    """What a run gave: the assessment, and the subjects with all their facts. `stores` are those that can be named.

    In the facts an account that nobody names is a number that stands for it; evidence says so in words.
    """

    assessment: Assessment
    subjects: tuple[Joined, ...]
    stores: int


def plan(request: Request, tfplan: Plan, asked: Asked = ALONE, watch: Watcher = lambda _: None) -> PlanOutcome:
    """Assess what a plan would bring about, and what it takes away. Nothing is called, whatever the settings name.

    Raises UsageError for a store that the plan does not have.
    """
    started, rules = now_text(), rules_of(request)
    tfplan = with_outside_stores(tfplan)
    context = _context(request, asked)
    run = _Run(tfplan, _settings(request.settings, asked), context, asked)
    before, after = run.sides(watch)
    drift = tuple(each for each in tfplan.drift if not run.mirrors(each))
    subjects = (*after.subjects, *_changes(tfplan, before, after, drift))
    assessed = assess(rules.policies, subjects, rules.waivers, context.as_of.date(), rules.baseline, worded=run.worded)
    worse = None
    if asked.introduced:
        were = (*before.subjects, *_changes(run.former, before, before, drift))
        former = assess(rules.policies, were, (), context.as_of.date(), worded=run.worded)
        worse = Worse(former.findings, before, after, context.as_of)
    _mark(assessed.findings, Deciders(tfplan), worse)
    record = run_record(
        request,
        rules,
        mode=Mode.PLANNED,
        started=started,
        identities=run.identities(),
        operations=context.counts(),
        inputs=(InputUse(file=tfplan.file, sha256=tfplan.sha256),),
    )
    unlooked = (*after.found.unlooked, *_incomplete(tfplan))
    return PlanOutcome(
        assessment=concluded(request, rules, record, assessed, unlooked),
        subjects=subjects,
        stores=len(after.names.stores()),
    )


class _Run:
    """Both sides of a plan. What was a store of audit logs before still is one after it, if it is still there."""

    def __init__(self, tfplan: Plan, settings: Settings, context: Reading, asked: Asked) -> None:
        still = not tfplan.departures and all(_stays(each, tfplan) for each in tfplan.resources)
        self.former = tfplan if still else as_it_was(tfplan)
        self._asked = asked
        self._context = context
        self._after = Follow(tfplan, settings, context)
        self._before = self._after if still else Follow(self.former, settings, context)
        self.worded = self._after.worded  # what stands for an account is the same before and after

    def sides(self, watch: Watcher) -> tuple[Side, Side]:
        """Before, and after."""
        refuse_strangers(self._asked, (self._before.names, self._after.names))
        before = self._before.side(self._asked, (), watch)
        if self._before is self._after:
            return before, before
        return before, self._after.side(self._asked, self._inherited(before), watch)

    def mirrors(self, drift: Drift) -> bool:
        """Whether what Terraform found changed only shows what the plan itself sets."""
        return self._after.mirrors(drift)

    def identities(self) -> tuple[IdentityUse, ...]:
        """As whom the context was read."""
        return self._after.live.identities(self._context)

    def _inherited(self, before: Side) -> Iterator[Lead]:
        names = {resource.shown: ref for ref, resource in self._after.names.made()}
        for lead in before.found.leads:
            made = before.names.resource(lead.target)
            now = names.get(made.shown) if made is not None else None
            if isinstance(lead.target, StoreRef) and isinstance(now, StoreRef):
                yield replace(lead, target=replace(now, prefix=lead.target.prefix))


def _stays(resource: Resource, tfplan: Plan) -> bool:
    """Whether a resource is known to be as it was. A plan that leaves its changes out says nothing of that."""
    if resource.action is Action.NONE:
        return tfplan.kind is Kind.STATE or resource.address.kind.startswith(f"{DATA}.")
    return resource.action is Action.NO_OP


def _changes(tfplan: Plan, before: Side, after: Side, drift: tuple[Drift, ...]) -> tuple[Joined, ...]:
    return Changes(tfplan, before, after, drift, lambda entry: places_of(tfplan, entry)).subjects()


def _mark(rows: Rows, deciders: Deciders, worse: Worse | None) -> None:
    """Note where what is no pass was decided, and whether the plan brought it; a pass asks nobody for a change."""
    for column in rows.columns:
        column.decide(_OPEN, deciders.places)
        if worse is not None:
            for place, row in enumerate(column):
                if row.outcome in _OPEN:
                    column.amend(replace(row, introduced=worse.introduced(row)), place)


def _settings(given: Settings, asked: Asked) -> Settings:
    """Whom a scan asked is what its answers are filed under; whom we trust is what this run says, if it says it."""
    if asked.context is None:
        return replace(given, databricks=())
    scanned = asked.context.request.settings
    stores = (*given.stores, *scanned.stores)
    return replace(scanned, stores=stores, trust=scanned.trust if given.trust == TrustZone() else given.trust)


def _context(request: Request, asked: Asked) -> Reading:
    kept = () if asked.context is None else asked.context.kept
    unkept = _NO_CONTEXT if asked.context is None else _BEYOND_CONTEXT
    return Reading(as_of=moment_of(request.as_of), replayed=kept, unkept=unkept)


def _incomplete(tfplan: Plan) -> Iterator[Unlooked]:
    for why in tfplan.incomplete:
        yield Unlooked(what=tfplan.file, unknown=Unknown(reason=Reason.UNDETERMINED, detail=why, needs="a whole plan"))
