"""Recorded lifecycle rules in, days until the earliest removal out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.adapters.aws import calls
from posture.model.facts import FOREVER, Known, Reason
from posture.reading import Json
from tests.adapters.aws.recorded import (
    Said,
    contribution,
    value,
)


def rule(*, status: Json = "Enabled", **parts: Json) -> dict[str, Json]:
    return {"ID": "tidy", "Status": status, **({"Filter": {"Prefix": ""}} | parts)}


EXPIRES: dict[str, Json] = {"Expiration": {"Days": 30}}


@pytest.mark.parametrize(
    ("rules", "days", "noncurrent"),
    [
        ([rule(Expiration={"Days": 30})], 30, FOREVER),
        ([rule(Expiration={"Days": 30}, status="Disabled")], FOREVER, FOREVER),
        ([rule(NoncurrentVersionExpiration={"NoncurrentDays": 7})], FOREVER, 7),
        ([rule(NoncurrentVersionExpiration={"NoncurrentDays": 7, "NewerNoncurrentVersions": 5})], FOREVER, 7),
        ([rule(Expiration={"ExpiredObjectDeleteMarker": True})], FOREVER, FOREVER),
        ([rule(Expiration={"Date": "2025-01-01T00:00:00Z"})], 0, FOREVER),
        ([rule(Expiration={"Date": "2031-01-01T00:00:00Z"})], 0, FOREVER),
        ([rule(Transitions=[{"Days": 1, "StorageClass": "GLACIER"}])], FOREVER, FOREVER),
        ([rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})], FOREVER, FOREVER),
        ([rule(Expiration={"Days": 400}), rule(Expiration={"Days": 90})], 90, FOREVER),
        ([rule(Filter={"Prefix": "audit"}, **EXPIRES)], 30, FOREVER),
        ([rule(Filter={"Prefix": "audit/"}, **EXPIRES)], 30, FOREVER),
        ([rule(Filter={"Prefix": "aud"}, **EXPIRES)], 30, FOREVER),
        ([rule(Filter={"Prefix": "audit/workspaceId=0/"}, **EXPIRES)], 30, FOREVER),
        ([rule(Filter={"Prefix": "auditors/"}, **EXPIRES)], FOREVER, FOREVER),
        ([rule(Filter={"Prefix": "billing/"}, **EXPIRES)], FOREVER, FOREVER),
        ([rule(Filter={}, **EXPIRES)], 30, FOREVER),
        ([rule(Filter={"Tag": {"Key": "temporary", "Value": "yes"}}, **EXPIRES)], 30, FOREVER),
        ([rule(Filter={"And": {"Prefix": "audit/", "Tags": [{"Key": "a", "Value": "b"}]}}, **EXPIRES)], 30, FOREVER),
        ([rule(Filter={"And": {"Prefix": "billing/", "ObjectSizeLessThan": 10}}, **EXPIRES)], FOREVER, FOREVER),
        ([rule(Filter={"ObjectSizeGreaterThan": 500}, **EXPIRES)], 30, FOREVER),
        ([{"ID": "old form", "Prefix": "audit/", "Status": "Enabled", **EXPIRES}], 30, FOREVER),
        ([{"ID": "old form", "Prefix": "billing/", "Status": "Enabled", **EXPIRES}], FOREVER, FOREVER),
        ([rule(status="Later")], Reason.MALFORMED, Reason.MALFORMED),
        ([rule(Expiration={"Whenever": 1})], Reason.MALFORMED, Reason.MALFORMED),
        ([rule(Expiration={"Days": -5})], Reason.MALFORMED, Reason.MALFORMED),
        ([rule(NoncurrentVersionExpiration={"NoncurrentDays": -5})], Reason.MALFORMED, Reason.MALFORMED),
    ],
)
def test_lifecycle(rules: list[Json], days: object, noncurrent: object) -> None:
    retention = contribution({calls.GET_BUCKET_LIFECYCLE_CONFIGURATION: {"Rules": rules}}, prefix="audit").retention
    assert (value(retention.days), value(retention.noncurrent_days)) == (days, noncurrent)


@pytest.mark.parametrize(
    ("said", "lifecycle", "days"),
    [
        ("NoSuchLifecycleConfiguration", False, FOREVER),
        ({"Rules": [rule(status="Disabled", **EXPIRES)]}, True, FOREVER),
        (Reason.DENIED, Reason.DENIED, Reason.DENIED),
    ],
)
def test_a_lifecycle_without_effect_is_still_one(said: Said, lifecycle: object, days: object) -> None:
    retention = contribution({calls.GET_BUCKET_LIFECYCLE_CONFIGURATION: said}).retention
    assert (value(retention.lifecycle), value(retention.days)) == (lifecycle, days)


def test_the_deciding_rule_is_the_source() -> None:
    rules: list[Json] = [rule(Expiration={"Days": 400}), rule(Expiration={"Days": 90})]
    days = contribution({calls.GET_BUCKET_LIFECYCLE_CONFIGURATION: {"Rules": rules}}).retention.days
    assert days.sources[-1].pointer == "/Rules/1"


KEYS = st.text(alphabet="ab/", max_size=6)
PREFIXES = st.text(alphabet="ab/", max_size=4)
LOG_PREFIXES = PREFIXES.map(lambda text: text.strip("/"))


@dataclass(frozen=True, kw_only=True)
class Expiring:
    prefix: str
    days: int
    enabled: bool

    def json(self) -> dict[str, Json]:
        status = "Enabled" if self.enabled else "Disabled"
        return rule(status=status, Filter={"Prefix": self.prefix}, Expiration={"Days": self.days})


RULES = st.lists(st.builds(Expiring, prefix=PREFIXES, days=st.integers(1, 500), enabled=st.booleans()), max_size=4)


def lifetime(rules: list[Expiring], key: str) -> float:
    """How long S3 keeps one object: told object by object, without comparing prefixes of rules with each other."""
    return min((rule.days for rule in rules if rule.enabled and key.startswith(rule.prefix)), default=math.inf)


def reported(rules: list[Expiring], prefix: str) -> float:
    said: dict[str, Json] = {"Rules": [rule.json() for rule in rules]}
    days = contribution({calls.GET_BUCKET_LIFECYCLE_CONFIGURATION: said}, prefix=prefix).retention.days
    assert isinstance(days, Known)
    return math.inf if days.value is FOREVER else days.value


def under(prefix: str, beginning: str) -> str | None:
    """An object under the log prefix whose key begins as a rule wants, if there can be one."""
    own = f"{prefix}/" if prefix else ""
    longer = max(own, beginning, key=len)
    return f"{longer}x" if longer.startswith(own) and longer.startswith(beginning) else None


@given(rules=RULES, prefix=LOG_PREFIXES, key=KEYS)
def test_no_log_is_removed_before_the_days_that_are_reported(rules: list[Expiring], prefix: str, key: str) -> None:
    assert reported(rules, prefix) <= lifetime(rules, f"{prefix}/{key}" if prefix else key)


@given(rules=RULES, prefix=LOG_PREFIXES)
def test_some_log_can_be_removed_after_the_days_that_are_reported(rules: list[Expiring], prefix: str) -> None:
    keys = [key for rule in rules if (key := under(prefix, rule.prefix)) is not None]
    assert reported(rules, prefix) == min((lifetime(rules, key) for key in keys), default=math.inf)
