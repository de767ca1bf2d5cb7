"""The result of a run: one row for every control and subject, with its evidence, and the record of the run itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

from posture.frozen import dataclass
from posture.model.facts import Source, Unknown
from posture.model.logic import Outcome, Severity, Verdict
from posture.model.subjects import About, Kind, Mode, Provider, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One fact that decided, or kept from deciding: what was found there, what was expected, and who said so."""

    path: str  # of the fact, with list indexes: grants[1].account
    found: str
    expected: str
    verdict: Verdict
    sources: tuple[Source, ...]
    unknown: Unknown | None = None
    item: str = ""  # in a list: which item it is, by what names it
    by: str = ""  # of a grant that fails: the statement, list, role or door that gives it

    @property
    def place(self) -> str:
        """The path as a reader needs it: `grants[3].scope (444455556666, delete, by bucket policy /Statement/2)`."""
        told = ", ".join((*([self.item] if self.item else ()), *([f"by {self.by}"] if self.by else ())))
        return f"{self.path} ({told})" if told else self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlInfo:
    """What every report says of a control."""

    id: str
    policy: str
    title: str
    severity: Severity
    about: About
    since: str
    why: str
    fix: tuple[tuple[str, str], ...]  # provider, text
    references: tuple[tuple[str, tuple[str, ...]], ...]  # framework, requirement ids

    def fix_for(self, provider: Provider | None) -> str:
        """What to change, for the provider of a subject; the first text when there is none for it."""
        texts = dict(self.fix)
        return texts.get(str(provider), next(iter(texts.values()), ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a planned subject is written: its Terraform address, and the block in the user's repository.

    `file` is relative to the root of the repository, and empty where no source was given; `line` is the block's first.
    """

    address: str
    file: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectInfo:
    """The identity of a subject, and how it was found.

    `places` are empty for a live subject; else the first is where to change it, and the callers follow outwards.
    """

    about: About
    uri: str
    mode: Mode
    provider: Provider | None = None
    kind: Kind | None = None
    role: Role | None = None
    name: str = ""
    account: str = ""  # empty where it is not known
    region: str = ""
    found: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()

    @property
    def identity(self) -> str:
        """What stays the same from run to run: in a plan the address, since a name can be generated anew."""
        if not self.places:
            return self.uri
        inside = self.uri.partition("://")[2].partition("/")[2] if self.about is About.STORE else self.uri
        return f"{self.places[0].address}\0{inside}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverNote:
    """A waiver that names this row. `state` is holds, early, expired, or changed: other facts decide now."""

    id: str
    owner: str
    approver: str
    reason: str
    ticket: str
    created: date
    expires: date
    state: str

    @property
    def holds(self) -> bool:
        """Whether the row counts as waived."""
        return self.state == "holds"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineNote:
    """The row's entry in a baseline. `state` is holds, or changed: facts decide now that the entry does not have."""

    first_seen: date
    state: str

    @property
    def holds(self) -> bool:
        """Whether the row is the known one."""
        return self.state == "holds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row. A waiver or a baseline changes how the row counts, never its outcome.

    `introduced` is for a plan that is judged by what it makes worse, and None elsewhere. `decided_at` are the places of
    the resources that decided, where these are not the subject itself.
    """

    control: ControlInfo
    subject: SubjectInfo
    outcome: Outcome
    evidence: Sequence[Evidence]
    facts_digest: str  # of the deciding facts, without times: what a waiver is granted for
    waiver: WaiverNote | None = None
    baseline: BaselineNote | None = None
    introduced: bool | None = None
    decided_at: tuple[Place, ...] = ()

    @property
    def places(self) -> tuple[Place, ...]:
        """Where to change what decided; empty for a live row."""
        return self.decided_at or self.subject.places

    @property
    def fingerprint(self) -> str:
        """Of control and subject (its address in a plan): stable over runs, values, lines and wording."""
        return fingerprint(self.control, self.subject.identity)

    @property
    def waived(self) -> bool:
        """Whether a waiver that holds covers this row."""
        return self.waiver is not None and self.waiver.holds

    @property
    def known(self) -> bool:
        """Whether the row was as bad before: in the baseline, or before the planned change."""
        return self.introduced is False or (self.baseline is not None and self.baseline.holds)

    @property
    def counts(self) -> bool:
        """Whether the row has a say in the exit code."""
        return not self.waived and not self.known

    @property
    def deciding(self) -> tuple[Evidence, ...]:
        """The evidence that carries the outcome: of a failure what failed, of an unknown what is unknown."""
        evidence = tuple(self.evidence)
        if self.outcome is Outcome.NOT_APPLICABLE:
            return evidence
        verdict = Verdict[self.outcome.name]
        return tuple(item for item in evidence if item.verdict is verdict) or evidence


def fingerprint(control: ControlInfo, identity: str) -> str:
    """The fingerprint of the row of a subject with this identity."""
    return hashlib.sha256(f"{control.id}\0{identity}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterUse:
    """A parameter as it was in force."""

    name: str
    value: str
    default: str
    overridden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyUse:
    """A policy as it was in force."""

    id: str
    title: str
    file: str
    sha256: str
    controls: int
    parameters: tuple[ParameterUse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityUse:
    """Who asked: the label of the configuration, and what the provider calls it."""

    label: str
    provider: Provider
    principal: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationCount:
    """How often an operation was called, and how often it gave no answer."""

    operation: str
    calls: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlooked:
    """A place that could name further stores and could not be read to its end."""

    what: str
    unknown: Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class InputUse:
    """A file that was judged, such as a plan: the digest is of the bytes that were read."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The only controls that a run judged, by id, and of how many that its policies have."""

    controls: tuple[str, ...]
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """Who ran what, when, on which population. `started` and `finished` are the only times that differ on a replay.

    `selection` is of a run that left controls of its policies out, and None where all were judged.
    """

    tool: str
    version: str
    started: str
    finished: str
    as_of: str  # the clock that freshness and expiry were judged by
    mode: Mode
    policies: tuple[PolicyUse, ...]
    identities: tuple[IdentityUse, ...]
    operations: tuple[OperationCount, ...]
    inputs: tuple[InputUse, ...] = ()
    selection: Selection | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineUse:
    """A baseline as it was in force. `gone` are its rows that are no longer there: mended, or not looked at.

    Rows of controls that a run left out are not among those.
    """

    file: str
    sha256: str
    rows: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Everything a report can show."""

    run: RunRecord
    subjects: tuple[SubjectInfo, ...]
    findings: Sequence[Finding]
    unlooked: tuple[Unlooked, ...]
    unmatched_waivers: tuple[str, ...]  # ids of waivers that name no row
    fail_on: Severity
    allow_unknown: bool
    exit_code: int
    baseline: BaselineUse | None = None
