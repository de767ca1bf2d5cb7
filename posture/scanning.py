"""A run: rules are read, leads walked, subjects joined and assessed. A replay is the same run on kept answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from posture.adapters.starts import first_leads
from posture.adapters.wings import Wings
from posture.assess import Assessed, assess, exit_code
from posture.errors import PolicyError, UsageError
from posture.estate import Joined, join
from posture.frozen import dataclass
from posture.model.assessment import (
    Assessment,
    IdentityUse,
    InputUse,
    OperationCount,
    RunRecord,
    Selection,
    Unlooked,
)
from posture.model.subjects import Mode
from posture.policy.baseline import Baseline, parse_baseline
from posture.policy.controls import facts_of_stores, selected
from posture.policy.document import Policy, parse_policies, with_overrides
from posture.policy.parameters import Override, ParameterValue, Spelled
from posture.policy.waivers import Waiver, parse_waivers
from posture.reading import Needs, Reading
from posture.snapshot import ParameterSetting, Request, Snapshot, pieces
from posture.version import __version__
from posture.worklist import Watcher, walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The policies, waivers and baseline of a request, refused or accepted before any credential is used.

    `selection` is None where every control of the policies is judged.
    """

    policies: tuple[Policy, ...]
    waivers: tuple[Waiver, ...]
    baseline: Baseline | None = None
    selection: Selection | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run gave: the assessment, and what is needed to run it again.

    `subjects` hold all that was found out of each; they are empty where whoever asked has no use for them.
    """

    assessment: Assessment
    subjects: tuple[Joined, ...]
    request: Request
    reading: Reading

    @property
    def snapshot(self) -> Snapshot:
        """The request with every answer, unpacked now."""
        return Snapshot(request=self.request, kept=self.reading.kept(), version=self.assessment.run.version)

    def saved(self) -> Iterator[str]:
        """The text of the snapshot, in pieces; of many answers it takes far less memory than the snapshot."""
        bare = Snapshot(request=self.request, kept=(), version=self.assessment.run.version)
        return pieces(bare, self.reading.ordered())


def rules_of(request: Request) -> Rules:
    """Read the request's policies, waivers and baseline; raises PolicyError, WaiverError or BaselineError.

    Waivers of controls that the request leaves out are checked, and have no say.
    """
    policies = parse_policies((document.text, document.file) for document in request.policies)
    overridden = with_overrides(policies, (_override(setting) for setting in request.parameters))
    controls = frozenset(control.info.id for policy in overridden for control in policy.controls)
    if policies and not controls:
        files = ", ".join(policy.file for policy in policies)
        raise PolicyError("every control is retired: nothing would be judged", file=files)
    waivers = tuple(
        waiver
        for document in request.waivers
        for waiver in parse_waivers(document.text, document.file, controls=controls)
    )
    given = request.baseline
    baseline = None if given is None else parse_baseline(given.text, given.file)
    chosen = selected(overridden, request.controls)
    left = tuple(control.info.id for policy in chosen for control in policy.controls)
    return Rules(
        policies=chosen,
        waivers=tuple(waiver for waiver in waivers if waiver.control in left),
        baseline=baseline,
        selection=Selection(controls=left, of=len(controls)) if len(left) < len(controls) else None,
    )


def scan(
    request: Request, watch: Watcher = lambda _: None, *, with_facts: bool = True, all_calls: bool = True
) -> Outcome:
    """Read the cloud and assess it. Raises CredentialError when what the user named cannot be asked as anybody.

    Facts of many stores take much memory: without them an outcome has its rows and their evidence, and no `subjects`.
    Without `all_calls`, only those are made that the controls of the request need: the rows are the same, every other
    fact is unknown, and the snapshot serves no other controls.
    """
    rules = rules_of(request)
    needs = None if all_calls else Needs(facts_of_stores(rules.policies))
    reading = Reading(as_of=moment_of(request.as_of), concurrency=request.settings.concurrency, needs=needs)
    try:
        return _run(request, rules, reading, watch, with_facts=with_facts)
    finally:
        reading.close()


def replay(snapshot: Snapshot, watch: Watcher = lambda _: None, *, with_facts: bool = True) -> Outcome:
    """Assess a saved run again: no call is made, and the clock is that of the run. Facts are kept as by `scan`."""
    rules = rules_of(snapshot.request)
    reading = Reading(as_of=moment_of(snapshot.request.as_of), replayed=snapshot.kept)
    return _run(snapshot.request, rules, reading, watch, with_facts=with_facts)


def _run(request: Request, rules: Rules, reading: Reading, watch: Watcher, *, with_facts: bool) -> Outcome:
    started = now_text()
    wings, first = Wings(request.settings), first_leads(request.settings)
    if not reading.replays:
        wings.check_credentials(first, reading)
    found = walk(first, wings.of, request.settings, reading, watch)
    joined, unlooked = join(found, Mode.LIVE), found.unlooked
    del found  # so that whoever goes over the subjects can let go of one after the other
    subjects = tuple(joined) if with_facts else ()
    assessed = assess(rules.policies, subjects or joined, rules.waivers, reading.as_of.date(), rules.baseline)
    run = run_record(
        request,
        rules,
        mode=Mode.LIVE,
        started=started,
        identities=wings.identities(reading),
        operations=reading.counts(),
    )
    return Outcome(
        assessment=concluded(request, rules, run, assessed, unlooked),
        subjects=subjects,
        request=request,
        reading=reading,
    )


def run_record(
    request: Request,
    rules: Rules,
    *,
    mode: Mode,
    started: str,
    identities: tuple[IdentityUse, ...],
    operations: tuple[OperationCount, ...],
    inputs: tuple[InputUse, ...] = (),
) -> RunRecord:
    """Who ran what, when, as whom, with which calls."""
    return RunRecord(
        tool="posture",
        version=__version__,
        started=started,
        finished=now_text(),
        as_of=request.as_of,
        mode=mode,
        policies=tuple(policy.use for policy in rules.policies),
        identities=identities,
        operations=operations,
        inputs=inputs,
        selection=rules.selection,
    )


def concluded(
    request: Request, rules: Rules, run: RunRecord, assessed: Assessed, unlooked: tuple[Unlooked, ...]
) -> Assessment:
    """The result of a run, with its exit code."""
    code = exit_code(
        assessed.findings, assessed.subjects, unlooked, request.fail_on, allow_unknown=request.allow_unknown
    )
    return Assessment(
        run=run,
        subjects=assessed.subjects,
        findings=assessed.findings,
        unlooked=unlooked,
        unmatched_waivers=assessed.unmatched_waivers,
        fail_on=request.fail_on,
        allow_unknown=request.allow_unknown,
        exit_code=code,
        baseline=None if rules.baseline is None else rules.baseline.use(assessed.findings, run.selection),
    )


def _override(setting: ParameterSetting) -> Override:
    value: ParameterValue | Spelled
    match setting.value:
        case str() if setting.spelled:
            value = Spelled(text=setting.value)
        case bool() | int() | str():
            value = setting.value
        case list() | tuple():
            value = tuple(str(member) for member in setting.value)
        case _:
            raise UsageError(f"parameter `{setting.name}` cannot have this value")
    return Override(name=setting.name, value=value, origin=setting.origin)


def now_text() -> str:
    """The time, as records of a run write it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> datetime:
    """The time that such a text names."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
