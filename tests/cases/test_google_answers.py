"""Recorded answers of Google's APIs are understood to their last member."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from posture.adapters.gcp.live import bucket_answers as answers
from posture.adapters.gcp.live.policies import policy
from posture.adapters.gcp.members import setting
from posture.model.facts import Known, Source
from posture.reading import Answered

FILE = Path(os.environ.get("POSTURE_CASES", Path(__file__).parents[3] / "shared" / "cases")) / "gcp" / "recorded.json"
PARTS: tuple[Any, ...] = (
    *(answers.project, answers.location, answers.multiple, answers.prevention, answers.uniform, answers.key),
    *(answers.retention, answers.object_retention, answers.soft_delete, answers.versioning, answers.lifecycle),
    *(answers.has_lifecycle, answers.usage_logs, answers.website, answers.cors, answers.ip_filter),
    *(answers.requester_pays, answers.turbo, answers.labels),
)

pytestmark = [pytest.mark.cases, pytest.mark.skipif(not FILE.exists(), reason="no cases beside the checkout")]


def bodies() -> list[dict[str, Any]]:
    return [each["body"] for each in json.loads(FILE.read_text(encoding="utf-8")) if each["status"] == 200]


def read(body: dict[str, Any]) -> Answered:
    return Answered(value=body, source=Source(operation="recorded"))


def test_buckets() -> None:
    listed = [item for body in bodies() for item in body.get("items", ()) if item.get("kind") == "storage#bucket"]
    buckets = listed + [body for body in bodies() if body.get("kind") == "storage#bucket"]
    assert len(buckets) > 10
    for bucket in buckets:
        assert [part for part in PARTS if not isinstance(setting(read(bucket), part), Known)] == [], bucket["name"]


def test_policies() -> None:
    policies = [body for body in bodies() if "bindings" in body or body.get("kind") == "storage#policy"]
    assert len(policies) > 10
    assert [body for body in policies if not isinstance(policy(read(body)), Known)] == []
