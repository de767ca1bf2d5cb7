"""The access decision over public policies, beside z3 on the same questions, in one run."""

from __future__ import annotations

import json
import os
import re
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from posture.iam import Reach, parse, reach
from posture.iam.groups import action_groups, policy_universe
from posture.iam.question import layer
from tests.benchmarks.options import Options
from tests.benchmarks.report import Aim, Report, Table
from tests.iam.second_engine import UnsupportedError, Who, exists

TITLE = "deciding who an AWS policy lets in, beside z3"
_FOLDER = Path(os.environ.get("POSTURE_CASES", Path(__file__).parents[3] / "shared" / "cases")) / "policies"
_FILES = ("aws-docs-s3-policies.json", "aws-docs-public-status.json", "c7n-cross-account.json", "policyuniverse.json")
_OWNER = "111122223333"
_NOW = datetime(2026, 6, 1, tzinfo=UTC)
_PATIENCE = 500  # milliseconds that z3 gets for a question
_PERCENT = 100
T = TypeVar("T")


def run(options: Options) -> Report:
    """Time every policy once per repetition, and z3 on the same questions one after the other."""
    documents = list(_documents())
    if options.small:
        documents = documents[:10]
    ours: list[float] = []
    theirs: list[float] = []
    paired: list[float] = []
    slow = skipped = 0
    for document in documents:
        mine, _ = min((_timed(partial(_answer, document)) for _ in range(3)), key=lambda item: item[0])
        ours.append(mine)
        try:
            spent, answers = _timed(partial(_questions, document))
        except (UnsupportedError, KeyError, TypeError, AttributeError, ValueError, IndexError):
            skipped += 1
            continue
        slow += None in answers
        theirs.append(spent)
        paired.append(mine)
    literals, _ = min((_timed(_many_accounts) for _ in range(3)), key=lambda item: item[0])
    rows = [_row("posture, all questions", ours)]
    aims = [
        Aim(what="median of posture", measured=_median(ours), limit=2, unit=" ms"),
        Aim(what="p99 of posture", measured=_high(ours), limit=40, unit=" ms"),
        Aim(what="300 account literals", measured=literals * 1000, limit=50, unit=" ms"),
    ]
    if theirs:
        rows.extend((_row("posture, where z3 has the parts", paired), _row("z3, the same questions", theirs)))
        ratio = _median(theirs) / _median(paired)
        aims.append(Aim(what="medians, z3 over posture", measured=ratio, limit=40, at_least=True))
    notes = (
        f"{len(documents)} policies; z3: {skipped} not encoded, {slow} with a question not finished in {_PATIENCE} ms",
    )
    table = Table(caption="CPU ms per policy", columns=("", "median", "p99", "worst", "policies"), rows=tuple(rows))
    return Report(tables=(table,), aims=tuple(aims), notes=notes, runs={})


def _documents() -> Iterator[dict[str, Any]]:
    for name in _FILES:
        path = _FOLDER / name
        for entry in json.loads(path.read_text(encoding="utf-8")) if path.is_file() else ():
            yield entry.get("policy") or {"Version": "2012-10-17", "Statement": entry["statement"]}
    yield {"Version": "2012-10-17", "Statement": []}


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    value = work()
    return time.process_time() - start, value


def _answer(document: dict[str, Any]) -> Reach:
    return reach(grants=[document], owner=_OWNER, organisation="o-own0000000", resource=_bucket(document), now=_NOW)


def _questions(document: dict[str, Any]) -> list[bool | None]:
    """What `reach` decides, asked of z3 one by one: every kind of caller for every group of actions treated alike."""
    return [
        exists(
            document,
            who,
            action,
            bucket=_bucket(document),
            on_bucket=place == "bucket",
            owner=_OWNER,
            organisation="o-own0000000",
            now=_NOW.timestamp(),
            milliseconds=_PATIENCE,
        )
        for action, place in _groups(document)
        for who in _callers(document)
    ]


def _groups(document: dict[str, Any]) -> list[tuple[str, str]]:
    parsed = parse(document)
    bucket = _bucket(document)
    asked = policy_universe([parsed], bucket, None)
    return [
        (asked[members[0]].name, place)
        for place, members in action_groups((layer(parsed, None, asked),), asked, bucket)
    ]


def _bucket(document: dict[str, Any]) -> str:
    found = re.search(r"arn:aws:s3:::[A-Za-z0-9.-]+", json.dumps(document))
    return found[0] if found else "arn:aws:s3:::example-bucket"


def _callers(document: dict[str, Any]) -> list[Who]:
    text = json.dumps(document)
    named = sorted({_OWNER, *re.findall(r"(?<!\d)\d{12}(?!\d)", text)})
    services = sorted(set(re.findall(r"[a-z0-9.-]+\.amazonaws\.com", text)))
    kinds = ("role", "user", "root", "federated")
    return [
        Who("anonymous"),
        *(Who(kind, others=tuple(named)) for kind in kinds),
        *(Who(kind, account=account) for account in named for kind in kinds),
        *(Who("service", service=service) for service in services),
    ]


def _many_accounts() -> Reach:
    accounts = [f"{100000000000 + 7919 * number}" for number in range(300)]
    statement = {"Effect": "Allow", "Principal": {"AWS": accounts}, "Action": "s3:*", "Resource": "*"}
    return _answer({"Version": "2012-10-17", "Statement": [statement]})


def _median(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1000


def _high(seconds: list[float]) -> float:
    return sorted(seconds)[(len(seconds) * 99 - 1) // _PERCENT] * 1000


def _row(name: str, seconds: list[float]) -> tuple[str, ...]:
    worst = max(seconds) * 1000
    return (name, f"{_median(seconds):.2f}", f"{_high(seconds):.1f}", f"{worst:.1f}", str(len(seconds)))
