"""An assessment of a plan: places with and without lines, a module from elsewhere, and a baseline."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from posture.model.assessment import Assessment, BaselineNote, BaselineUse, InputUse, Place, SubjectInfo
from posture.model.facts import Reason, Source, Unknown
from posture.model.logic import Severity
from posture.model.subjects import Kind, Mode, Provider
from tests.reports.assessments import (
    BLOCKED,
    CUSTOMER_KEY,
    DELIVERED,
    LOGGED,
    RETAINED,
    RUN,
    VERSIONED,
    failed,
    passed,
    store,
    unknown,
    waiver,
)

ROOT = replace(
    store("acme-audit-logs/databricks", "111111111111", found=("databricks_mws_log_delivery.audit",)),
    mode=Mode.PLANNED,
    name="acme-audit-logs",
    places=(Place(address="aws_s3_bucket.logs", file="infra/main.tf", line=12),),
)
MODULE = replace(
    store("acme-audit-archive", ""),
    mode=Mode.PLANNED,
    places=(
        Place(address='module.archive["eu"].aws_s3_bucket.this[0]', file="infra/archive.tf", line=3),
        Place(address="module.stack", file="main.tf", line=40),
    ),
)
LINELESS = replace(store("aws_s3_bucket.copy", ""), mode=Mode.PLANNED, places=(Place(address="aws_s3_bucket.copy"),))
DELIVERY = SubjectInfo(
    about=DELIVERED.about,
    uri="databricks://accounts/databricks_mws_log_delivery.audit",
    mode=Mode.PLANNED,
    provider=Provider.DATABRICKS,
    kind=Kind.ACCOUNT,
    places=(Place(address="databricks_mws_log_delivery.audit", file="infra/databricks.tf", line=1),),
)
DEFERRED = Unknown(
    reason=Reason.NOT_COLLECTED,
    sources=(Source(operation="terraform:aws_s3_account_public_access_block", resource="aws_s3_bucket.logs"),),
    detail="the plan does not say what the account blocks",
    needs="--context, with a snapshot of `posture scan --save`",
)
SATELLITE = Place(address="aws_s3_bucket_versioning.logs", file="infra/main.tf", line=31)


def since(day: int, state: str = "holds") -> BaselineNote:
    return BaselineNote(first_seen=date(2026, 10, day), state=state)


def planned() -> Assessment:
    """Rows at lines, at a caller and without a line; one known, one worse than known, one waived."""
    return Assessment(
        run=replace(
            RUN, mode=Mode.PLANNED, identities=(), operations=(), inputs=(InputUse(file="plan.json", sha256="5d" * 32),)
        ),
        subjects=(ROOT, MODULE, LINELESS, DELIVERY),
        findings=(
            unknown(BLOCKED, ROOT, DEFERRED),
            replace(failed(CUSTOMER_KEY, ROOT, "provider"), baseline=since(1)),
            replace(failed(VERSIONED, ROOT, "suspended"), decided_at=(SATELLITE,)),
            replace(failed(RETAINED, ROOT, "30"), baseline=since(3, "changed")),
            passed(LOGGED, ROOT),
            replace(unknown(BLOCKED, MODULE, DEFERRED), baseline=since(4)),
            failed(CUSTOMER_KEY, MODULE, "provider"),
            failed(VERSIONED, MODULE, "never", waiver("W-2", "holds")),
            failed(RETAINED, LINELESS, "30"),
            passed(DELIVERED, DELIVERY),
        ),
        unlooked=(),
        unmatched_waivers=(),
        fail_on=Severity.LOW,
        allow_unknown=False,
        exit_code=1,
        baseline=BaselineUse(file="baseline.json", sha256="ab" * 32, rows=5, gone=2),
    )
