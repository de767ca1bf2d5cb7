"""Plans of buckets made from one template: what is alike is judged once, and every row is as if nothing were shared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from posture import assess as judging
from posture.iam import decisions
from posture.model.assessment import Finding
from posture.model.logic import Outcome
from posture.planning import Asked, PlanOutcome
from posture.policy.assertions import evaluate
from posture.policy.likeness import Sight
from posture.reports import lines
from posture.reports.options import Options
from posture.reports.registry import render
from tests.planning.estate import ALLOW, BUCKET, KEY, NO_CLEAR_TEXT, NOW, POLICY, VERSIONING, judged, policy
from tests.terraform.plans import Free, change, document, read

SATELLITES = [address for address in NOW if address.startswith("aws_s3_bucket_")]
EVERY = Asked(everything=True)
BOUND = {**ALLOW, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::acme-logs"}}}
ANYONE = {**ALLOW, "Principal": "*"}
NAMES = ("acme-logs", "logs", "acme", "acme-logs-1", "enabled", "own", "write", "delete.me")
PLACES = ("", "module.a.", "module.a.module.b[1].", 'module.m["x.y"].', 'module.m["a]b"].', "module.logs[0].")


@dataclass(frozen=True, slots=True)
class Bucket:
    """One copy of the template, and how it differs."""

    name: str
    place: str
    index: str = ""
    lacks: str = ""
    statements: tuple[str, ...] = ("delivery", "tls")
    versioning: str = "Enabled"
    made: bool = False

    def entries(self) -> Iterator[Mapping[str, Free]]:
        said = {"delivery": ALLOW, "tls": NO_CLEAR_TEXT, "bound": BOUND, "anyone": ANYONE}
        text = policy(*(said[each] for each in self.statements))
        changes: Mapping[str, Mapping[str, Free]] = {
            BUCKET: {"policy": text},
            POLICY: {"policy": text},
            VERSIONING: {"versioning_configuration": [{"status": self.versioning, "mfa_delete": ""}]},
        }
        for address in (BUCKET, KEY, *SATELLITES):
            if address != self.lacks:
                before = json.loads(json.dumps(NOW[address]).replace("acme-logs", self.name))
                other = json.loads(json.dumps(changes.get(address, {})).replace("acme-logs", self.name))
                yield self._entry(f"{self.place}{address}{self.index}", before, {**before, **other})

    def _entry(self, address: str, before: Mapping[str, Free], after: Mapping[str, Free]) -> Mapping[str, Free]:
        if self.made:
            unknown = [key for key in ("id", "arn", "key_id") if key in after]
            return change(address, {key: value for key, value in after.items() if key not in unknown}, unknown)
        return change(address, after, actions=("no-op",) if after == before else ("update",), before=before)


BUCKETS = st.builds(
    Bucket,
    name=st.sampled_from(NAMES),
    place=st.sampled_from(PLACES),
    index=st.sampled_from(["", "[0]", '["acme.logs"]']),
    lacks=st.sampled_from(["", *SATELLITES]),
    statements=st.lists(st.sampled_from(["delivery", "tls", "bound", "anyone"]), max_size=3, unique=True).map(tuple),
    versioning=st.sampled_from(["Enabled", "Suspended"]),
    made=st.booleans(),
)


@st.composite
def estates(draw: st.DrawFn) -> tuple[Bucket, ...]:
    """Buckets alike but for their names and addresses, and some that differ in more."""
    template, count = draw(BUCKETS), draw(st.integers(2, 5))
    names = draw(st.permutations(NAMES))
    alike = [
        Bucket(
            name=name,
            place=place,
            index=template.index,
            lacks=template.lacks,
            statements=template.statements,
            versioning=template.versioning,
            made=template.made,
        )
        for name, place in zip(names[:count], draw(st.permutations(PLACES)), strict=False)
    ]
    others = draw(st.lists(BUCKETS, max_size=1))
    taken = {each.name for each in alike}
    return (*alike, *(each for each in others if each.name not in taken and each.place not in {a.place for a in alike}))


def judged_of(buckets: tuple[Bucket, ...]) -> PlanOutcome:
    entries = [entry for bucket in buckets for entry in bucket.entries()]
    return judged(read(document(entries)), EVERY)


@contextmanager
def nothing_shared() -> Iterator[None]:
    """Every subject is judged, every question decided, and every line of the report written by itself."""
    sights = count()
    with (
        patch.object(Sight, "of", lambda *_: (next(sights),)),  # no two look alike
        patch.object(decisions, "sameness", lambda _: None),
        patch.object(lines, "_pattern", lambda *_: None),
    ):
        yield


def told(outcome: PlanOutcome) -> list[tuple[object, ...]]:
    return [
        (
            *(row.control.id, row.subject, row.outcome, tuple(row.evidence)),
            *(row.fingerprint, row.facts_digest, row.decided_at, row.introduced),
        )
        for row in outcome.assessment.findings
    ]


@settings(max_examples=15)
@given(estates())
def test_what_is_shared_changes_no_row_and_no_report(buckets: tuple[Bucket, ...]) -> None:
    outcome = judged_of(buckets)
    with nothing_shared():
        alone = judged_of(buckets)
        reports = {name: render(name, alone.assessment, Options()) for name in ("json", "sarif")}
    assert told(outcome) == told(alone)
    assert [joined.record for joined in outcome.subjects] == [joined.record for joined in alone.subjects]
    for name, report in reports.items():
        assert timeless(render(name, outcome.assessment, Options()), outcome) == timeless(report, alone)


def timeless(report: str, outcome: PlanOutcome) -> str:
    run = outcome.assessment.run
    return report.replace(run.started, "T").replace(run.finished, "T").replace(run.inputs[0].sha256, "")


def test_one_changed_bucket_of_a_thousand() -> None:
    """Work that is done for each bucket is bounded by count; so is how often a control has to judge."""
    buckets = [Bucket(name=f"acme-logs-{number}", place=f"module.logs[{number}].") for number in range(1000)]
    buckets[617] = Bucket(name="acme-logs-617", place="module.logs[617].", versioning="Suspended")
    with patch.object(judging, "evaluate", wraps=evaluate) as judge:
        outcome = judged_of(tuple(buckets))
    rows = outcome.assessment.findings
    controls = len({row.control.id for row in rows})
    assert len(outcome.assessment.subjects) > len(buckets)
    assert judge.call_count < 10 * controls
    said: dict[str, dict[str, Finding]] = {}
    for row in rows:
        said.setdefault(row.subject.uri, {})[row.control.id] = row
    common = said["s3://acme-logs-0"]
    for number in range(1000):
        mine = said[f"s3://acme-logs-{number}"]
        other = {name for name, row in mine.items() if row.outcome is not common[name].outcome}
        assert other == ({"versioning-enabled"} if number == 617 else set())
    broken = said["s3://acme-logs-617"]["versioning-enabled"]
    assert broken.outcome is Outcome.FAIL
    assert broken.places[0].address == f"module.logs[617].{VERSIONING}"
