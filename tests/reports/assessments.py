"""Assessments made by hand: every kind of row, nothing at all, nothing wrong, and everything hostile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from posture.model.assessment import (
    Assessment,
    ControlInfo,
    Evidence,
    Finding,
    IdentityUse,
    OperationCount,
    ParameterUse,
    Place,
    PolicyUse,
    RunRecord,
    SubjectInfo,
    Unlooked,
    WaiverNote,
)
from posture.model.facts import Reason, Source, Unknown
from posture.model.logic import Outcome, Severity, Verdict
from posture.model.rows import Column, Rows
from posture.model.sayings import Digest, Sayings, Seat
from posture.model.subjects import About, Kind, Mode, Provider, Role

READ_AT = "2026-11-05T09:14:07Z"
POLICY = "audit-log-storage"


def control(
    name: str,
    title: str,
    severity: Severity,
    *,
    why: str,
    fix: str,
    about: About = About.STORE,
    references: tuple[tuple[str, tuple[str, ...]], ...] = (),
) -> ControlInfo:
    fixes = (("aws", fix),) if about is About.STORE else (("databricks", fix),)
    return ControlInfo(
        id=name,
        policy=POLICY,
        title=title,
        severity=severity,
        about=about,
        since="0.1",
        why=why,
        fix=fixes,
        references=references,
    )


BLOCKED = control(
    "public-policies-refused",
    "New public bucket policies are refused",
    Severity.CRITICAL,
    why="One careless policy statement would publish the record of everything that anyone did.",
    fix="Turn on BlockPublicPolicy in the bucket's public access block.",
    references=(("soc2", ("CC6.1", "CC6.6")), ("nist_800_53", ("AC-3", "AU-9")), ("cis_aws", ("3.1.4",))),
)
CUSTOMER_KEY = control(
    "encrypted-with-customer-key",
    "Audit logs are encrypted with a key that we manage",
    Severity.HIGH,
    why="A key of our own can be revoked, and each use of it leaves a trace on our side.",
    fix="Set the bucket's default encryption to SSE-KMS with a customer managed key, and let the writer role use it.",
    references=(("soc2", ("CC6.1", "C1.1")), ("iso_27001", ("A.8.24",)), ("pci_dss", ("10.3.2",))),
)
VERSIONED = control(
    "versions-kept",
    "Overwritten and deleted logs stay readable as older versions",
    Severity.HIGH,
    why="Databricks rewrites log files during delivery; whoever can write can otherwise replace what was delivered.",
    fix="Turn on versioning, and expire old versions no earlier than the logs themselves.",
    references=(("soc2", ("CC7.4",)), ("iso_27001", ("A.5.33",))),
)
RETAINED = control(
    "retained-long-enough",
    "Audit logs are kept for at least a year",
    Severity.MEDIUM,
    why="Intrusions are often found months after they began.",
    fix="Raise the lifecycle expiration, or remove it.",
    references=(("soc2", ("CC7.4", "C1.1")), ("pci_dss", ("10.5.1",)), ("our_standard", ("LOG-7",))),
)
LOGGED = control(
    "access-logged",
    "Access to the logs is itself logged",
    Severity.LOW,
    why="Reading the audit log is how an intruder learns what was noticed.",
    fix="Turn on server access logging into another bucket.",
    references=(("soc2", ("CC7.2",)), ("cis_aws", ("4.4",))),
)
KEY_ROTATED = control(
    "key-rotated",
    "The key's material is rotated automatically",
    Severity.MEDIUM,
    why="What one version of the key encrypted is all that its loss exposes.",
    fix="Turn on automatic rotation of the key.",
    references=(("iso_27001", ("A.8.24",)),),
)
DELIVERED = control(
    "delivery-enabled",
    "Audit logs of the account are delivered",
    Severity.CRITICAL,
    why="What is not delivered is gone after the vendor's own retention.",
    fix="Create an audit log delivery configuration for the account, without a workspace filter.",
    about=About.SOURCE,
    references=(("soc2", ("CC7.2",)), ("nist_800_53", ("AU-12",)), ("hipaa", ("164.312(b)",))),
)
CONTROLS = (BLOCKED, CUSTOMER_KEY, VERSIONED, RETAINED, LOGGED, KEY_ROTATED, DELIVERED)


def store(bucket: str, account: str, *, role: Role = Role.DELIVERY, found: tuple[str, ...] = ()) -> SubjectInfo:
    return SubjectInfo(
        about=About.STORE,
        uri=f"s3://{bucket}",
        mode=Mode.LIVE,
        provider=Provider.AWS,
        kind=Kind.S3_BUCKET,
        role=role,
        account=account,
        region="eu-central-1",
        found=found,
    )


MAIN = store(
    "acme-audit-logs/databricks",
    "111111111111",
    found=("log delivery configuration `main` (databricks://accounts/0d1f…/log-delivery/7a52)",),
)
EUROPE = store(
    "acme-audit-logs-eu.central/delivery",
    "222222222222",
    found=("log delivery configuration `eu` (databricks://accounts/0d1f…/log-delivery/9c31)",),
)
REPLICA = store(
    "acme-audit-replica/databricks",
    "333333333333",
    role=Role.REPLICA,
    found=("replication rule `everything` of s3://acme-audit-logs/databricks",),
)
ACCOUNT = SubjectInfo(
    about=About.SOURCE,
    uri="databricks://accounts/0d1f7c2e-6f9e-4c39-9b0a-4f6f0a6f7d10",
    mode=Mode.LIVE,
    provider=Provider.DATABRICKS,
    kind=Kind.ACCOUNT,
    name="acme production",
    found=("posture.yaml: databricks.production",),
)
ESTATE = SubjectInfo(about=About.ESTATE, uri="estate", mode=Mode.LIVE, kind=Kind.ESTATE)


def source(operation: str, subject: SubjectInfo, pointer: str = "") -> Source:
    resource = subject.uri.removeprefix("s3://").split("/")[0]
    return Source(operation=operation, resource=resource, pointer=pointer, read_at=READ_AT)


def row(
    control: ControlInfo,
    subject: SubjectInfo,
    outcome: Outcome,
    evidence: tuple[Evidence, ...] = (),
    waiver: WaiverNote | None = None,
) -> Finding:
    number = CONTROLS.index(control) if control in CONTROLS else len(CONTROLS)
    digest = f"{number:02x}{hash_of(subject.uri):014x}"
    return Finding(
        control=control,
        subject=subject,
        outcome=outcome,
        evidence=evidence,
        facts_digest=digest[::-1] * 4,
        waiver=waiver,
    )


def hash_of(text: str) -> int:
    """A number that is the same in every process."""
    return sum(ord(character) * (place + 1) ** 5 for place, character in enumerate(text)) % (1 << 56)


def unread(asked: Asked, unknown: Unknown) -> Evidence:
    return Evidence(
        path=asked.path,
        found=f"unknown ({unknown.reason})",
        expected=asked.expected,
        verdict=Verdict.UNKNOWN,
        sources=unknown.sources,
        unknown=unknown,
    )


def denied(subject: SubjectInfo, operation: str) -> Unknown:
    who = "arn:aws:sts::222222222222:assumed-role/posture/ci"
    return Unknown(
        reason=Reason.DENIED,
        sources=(source(operation, subject),),
        detail=f"AccessDenied: User: {who} is not authorized to perform: {operation} on resource: {subject.uri}",
        needs=operation,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The one fact that a control of this module asks for."""

    path: str
    expected: str
    operation: str


ASKED = {
    BLOCKED.id: Asked(
        path="exposure.blocked.effective.block_public_policy", expected="true", operation="s3:GetPublicAccessBlock"
    ),
    CUSTOMER_KEY.id: Asked(
        path="encryption.key_manager", expected="customer", operation="s3:GetEncryptionConfiguration"
    ),
    VERSIONED.id: Asked(path="integrity.versioning", expected="enabled", operation="s3:GetBucketVersioning"),
    RETAINED.id: Asked(
        path="retention.days",
        expected="at least 365 (minimum_retention_days)",
        operation="s3:GetLifecycleConfiguration",
    ),
    LOGGED.id: Asked(path="monitoring.access_logged", expected="true", operation="s3:GetBucketLogging"),
    KEY_ROTATED.id: Asked(path="encryption.key_rotating", expected="true", operation="kms:GetKeyRotationStatus"),
    DELIVERED.id: Asked(path="delivery.enabled", expected="true", operation="databricks:GET /log-delivery"),
}


def decided(
    control: ControlInfo, subject: SubjectInfo, verdict: Verdict, found: str, waiver: WaiverNote | None = None
) -> Finding:
    asked = ASKED.get(control.id, ASKED[RETAINED.id])
    item = Evidence(
        path=asked.path,
        found=found,
        expected=asked.expected,
        verdict=verdict,
        sources=(source(asked.operation, subject, "/Rules/0"),),
    )
    return row(control, subject, Outcome.of(verdict), (item,), waiver)


def passed(control: ControlInfo, subject: SubjectInfo) -> Finding:
    return decided(control, subject, Verdict.PASS, ASKED.get(control.id, ASKED[RETAINED.id]).expected)


def failed(control: ControlInfo, subject: SubjectInfo, found: str, waiver: WaiverNote | None = None) -> Finding:
    return decided(control, subject, Verdict.FAIL, found, waiver)


def unknown(control: ControlInfo, subject: SubjectInfo, why: Unknown) -> Finding:
    asked = ASKED.get(control.id, ASKED[RETAINED.id])
    return row(control, subject, Outcome.UNKNOWN, (unread(asked, why),))


def waiver(name: str, state: str) -> WaiverNote:
    return WaiverNote(
        id=name,
        owner="platform-security",
        approver="ciso",
        reason="The replica is rebuilt from the original on loss; old versions are kept there.",
        ticket="SEC-812",
        created=date(2026, 3, 1),
        expires=date(2026, 9, 1) if state == "expired" else date(2027, 2, 1),
        state=state,
    )


def _main_rows() -> tuple[Finding, ...]:
    return (
        passed(BLOCKED, MAIN),
        passed(CUSTOMER_KEY, MAIN),
        failed(VERSIONED, MAIN, "suspended"),
        failed(RETAINED, MAIN, "90"),
        passed(LOGGED, MAIN),
        passed(KEY_ROTATED, MAIN),
    )


def _europe_rows() -> tuple[Finding, ...]:
    throttled = Unknown(
        reason=Reason.THROTTLED,
        sources=(source("kms:GetKeyRotationStatus", EUROPE),),
        detail="ThrottlingException: Rate exceeded (reached max retries: 4)",
        needs="a quieter moment, or a lower --concurrency",
    )
    return (
        failed(BLOCKED, EUROPE, "false"),
        failed(CUSTOMER_KEY, EUROPE, "provider", waiver("W-1", "expired")),
        failed(VERSIONED, EUROPE, "suspended"),
        unknown(RETAINED, EUROPE, denied(EUROPE, "s3:GetLifecycleConfiguration")),
        failed(LOGGED, EUROPE, "false"),
        unknown(KEY_ROTATED, EUROPE, throttled),
    )


def _replica_rows() -> tuple[Finding, ...]:
    return (
        passed(BLOCKED, REPLICA),
        passed(CUSTOMER_KEY, REPLICA),
        failed(VERSIONED, REPLICA, "never", waiver("W-2", "holds")),
        unknown(RETAINED, REPLICA, denied(REPLICA, "s3:GetLifecycleConfiguration")),
        unknown(LOGGED, REPLICA, denied(REPLICA, "s3:GetBucketLogging")),
        row(KEY_ROTATED, REPLICA, Outcome.NOT_APPLICABLE),
    )


RUN = RunRecord(
    tool="posture",
    version="0.1.0",
    started="2026-11-05T09:14:05Z",
    finished="2026-11-05T09:14:11Z",
    as_of="2026-11-05T09:14:05Z",
    mode=Mode.LIVE,
    policies=(
        PolicyUse(
            id=POLICY,
            title="Databricks audit-log storage baseline",
            file="audit-log-storage.yaml",
            sha256="6f1ed002ab5595859014ebf0951522d9a1bd0d1a2b1f3d1c9d5bb0a9d2f3c4e5",
            controls=len(CONTROLS),
            parameters=(
                ParameterUse(name="minimum_retention_days", value="365", default="365", overridden=False),
                ParameterUse(name="accepted_hours_without_delivery", value="48", default="24", overridden=True),
            ),
        ),
    ),
    identities=(
        IdentityUse(
            label="default",
            provider=Provider.AWS,
            principal="arn:aws:sts::111111111111:assumed-role/posture/ci",
            account="111111111111",
        ),
        IdentityUse(
            label="europe",
            provider=Provider.AWS,
            principal="arn:aws:sts::222222222222:assumed-role/posture/ci",
            account="222222222222",
        ),
        IdentityUse(label="production", provider=Provider.DATABRICKS, principal="posture-reader", account="0d1f7c2e"),
    ),
    operations=(
        OperationCount(operation="databricks:GET /log-delivery", calls=2, failed=0),
        OperationCount(operation="kms:GetKeyRotationStatus", calls=2, failed=1),
        OperationCount(operation="s3:GetBucketLogging", calls=3, failed=1),
        OperationCount(operation="s3:GetBucketVersioning", calls=3, failed=0),
        OperationCount(operation="s3:GetLifecycleConfiguration", calls=3, failed=2),
    ),
)

UNLOOKED = (
    Unlooked(
        what="workspaces of databricks://accounts/0d1f7c2e-6f9e-4c39-9b0a-4f6f0a6f7d10",
        unknown=Unknown(
            reason=Reason.DENIED,
            sources=(Source(operation="databricks:GET /workspaces", resource="0d1f7c2e", read_at=READ_AT),),
            detail="PERMISSION_DENIED: caller is not an account admin",
            needs="account admin",
        ),
    ),
)


def mixed() -> Assessment:
    """Some of everything: shared failures, unknowns with one cause, a waiver that holds and one that lapsed."""
    return Assessment(
        run=RUN,
        subjects=(ACCOUNT, ESTATE, MAIN, EUROPE, REPLICA),
        findings=(
            *_main_rows(),
            *_europe_rows(),
            *_replica_rows(),
            passed(DELIVERED, ACCOUNT),
        ),
        unlooked=UNLOOKED,
        unmatched_waivers=("W-9",),
        fail_on=Severity.MEDIUM,
        allow_unknown=False,
        exit_code=1,
    )


def empty() -> Assessment:
    """Discovery answered in full and found nothing."""
    return Assessment(
        run=replace(RUN, operations=RUN.operations[:1]),
        subjects=(),
        findings=(),
        unlooked=(),
        unmatched_waivers=(),
        fail_on=Severity.LOW,
        allow_unknown=False,
        exit_code=4,
    )


def all_pass() -> Assessment:
    """One store, nothing wrong with it."""
    return Assessment(
        run=RUN,
        subjects=(ACCOUNT, MAIN),
        findings=(
            *(finding for finding in _main_rows() if finding.outcome is Outcome.PASS),
            passed(DELIVERED, ACCOUNT),
        ),
        unlooked=(),
        unmatched_waivers=(),
        fail_on=Severity.LOW,
        allow_unknown=False,
        exit_code=0,
    )


HOSTILE = (
    "\x1b[31m=cmd|' /C calc'!A0\n::error::owned\r\n##[error]owned ##vso[task.complete] [bold]x[/etc] :warning: "
    "<script>alert(1)</script><img src=x onerror=alert(1)> ]]> & \"'` ```| a | b | @octocat #1 "
    "[click](javascript:alert(1)) ![](http://evil.example/x.png) https://evil.example www.evil.example "
    "{{7*7}} {% x %} ${x} \u202egnp.exe\u2066 \u200b \x00\x07\x9b \ud800 \ufffe </details> <!-- *x* _y_ ~z~ \\"
)


def hostile() -> Assessment:
    """The same rows as `mixed`, with a hostile text in every place that a provider, a policy or a user fills."""

    def spoil(text: str) -> str:
        return f"={text}{HOSTILE}"

    subjects = {item.uri: _spoiled_subject(item, spoil(item.uri)) for item in (ACCOUNT, ESTATE, MAIN, EUROPE, REPLICA)}
    plain = mixed()
    return replace(
        plain,
        run=replace(
            plain.run,
            policies=tuple(
                replace(
                    policy,
                    title=HOSTILE,
                    file=HOSTILE,
                    parameters=(ParameterUse(name=HOSTILE, value=HOSTILE, default=HOSTILE, overridden=True),),
                )
                for policy in plain.run.policies
            ),
            identities=(IdentityUse(label=HOSTILE, provider=Provider.AWS, principal=HOSTILE, account=HOSTILE),),
            operations=(OperationCount(operation=HOSTILE, calls=1, failed=1),),
        ),
        subjects=tuple(subjects.values()),
        findings=tuple(_spoiled(finding, subjects[finding.subject.uri]) for finding in plain.findings),
        unlooked=(Unlooked(what=HOSTILE, unknown=_spoiled_unknown(plain.unlooked[0].unknown)),),
        unmatched_waivers=(HOSTILE,),
    )


def _spoiled_subject(subject: SubjectInfo, uri: str) -> SubjectInfo:
    places = (
        Place(address=f"@{uri}", file=HOSTILE, line=7),
        Place(address=f"={HOSTILE}", file=f"../{HOSTILE}", line=1),
    )
    return replace(
        subject, uri=uri, name=HOSTILE, account=HOSTILE, region=HOSTILE, found=(HOSTILE, HOSTILE), places=places
    )


def _spoiled(finding: Finding, subject: SubjectInfo) -> Finding:
    note = finding.waiver
    return replace(
        finding,
        control=replace(
            finding.control,
            title=f"+{HOSTILE}",
            why=f"-{HOSTILE}",
            fix=(("aws", f"@{HOSTILE}"),),
            references=((HOSTILE, (HOSTILE,)),),
        ),
        subject=subject,
        evidence=tuple(
            replace(
                item,
                path=f"{item.path}[{HOSTILE}]",
                found=f"={HOSTILE}",
                expected=f"\t={HOSTILE}",
                sources=tuple(replace(place, operation=HOSTILE, resource=HOSTILE) for place in item.sources),
                unknown=item.unknown and _spoiled_unknown(item.unknown),
            )
            for item in finding.evidence
        ),
        waiver=note
        and replace(note, id=HOSTILE, owner=HOSTILE, approver=HOSTILE, reason=f"={HOSTILE}", ticket=HOSTILE),
    )


def _spoiled_unknown(unknown: Unknown) -> Unknown:
    return replace(
        unknown,
        detail=HOSTILE,
        needs=HOSTILE,
        sources=tuple(replace(place, operation=HOSTILE, resource=HOSTILE) for place in unknown.sources),
    )


def as_rows(given: Assessment) -> Assessment:
    """The same as a run makes it: alike rows are kept once, and made when somebody looks at them."""
    digests = {(row.outcome, tuple(row.evidence)): row.facts_digest for row in given.findings}

    def digester(outcome: Outcome, evidence: Sequence[Evidence]) -> Digest:
        return lambda _: digests[outcome, tuple(evidence)]

    sayings = Sayings(digester)
    seats = {row.subject: Seat(subject=row.subject) for row in given.findings}
    columns = {row.control: Column(row.control, sayings) for row in given.findings}
    for row in given.findings:
        column = columns[row.control]
        column.add(seats[row.subject], row.outcome, row.evidence)
        if column[-1] != row:
            column.amend(row)
    return replace(given, findings=Rows(columns.values()))


def large(stores: int, controls: int) -> Assessment:
    """A big estate: a third of the rows fail, a third is unknown, a third passes."""
    many = tuple(replace(BLOCKED, id=f"control-{name(number)}") for number in range(controls))
    subjects = tuple(store(f"bucket-{number:05d}/logs", f"{number:012d}") for number in range(stores))
    return replace(
        mixed(),
        subjects=subjects,
        findings=tuple(
            _large_row(number + place, item, subject)
            for place, subject in enumerate(subjects)
            for number, item in enumerate(many)
        ),
    )


def name(number: int) -> str:
    """Letters for a number, as ids have no digits."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def _large_row(number: int, item: ControlInfo, subject: SubjectInfo) -> Finding:
    match number % 3:
        case 0:
            return failed(item, subject, str(number))
        case 1:
            return unknown(item, subject, denied(subject, "s3:GetLifecycleConfiguration"))
        case _:
            return passed(item, subject)
