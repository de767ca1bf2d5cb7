"""Recorded trails and event selectors in, what is recorded of the logs out."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.adapters.aws import trail_calls
from posture.adapters.aws.config import FieldSelector, ObjectSelector, Selectors
from posture.adapters.aws.normalise.selectors import records
from posture.model.facts import Known, Reason, Unknown
from posture.model.subjects import Monitoring
from posture.reading import Json, Kept
from tests.adapters.aws.recorded import BUCKET, REGION, Said, contribution, kept, value

HOME = "us-east-1"
ARN = f"arn:aws:cloudtrail:{HOME}:111122223333:trail/watch"
OBJECTS = f"arn:aws:s3:::{BUCKET}/audit/"


def head(*, arn: str = ARN, home: Json = HOME, multi: Json = True, validated: Json = True) -> dict[str, Json]:
    return {
        "Name": "watch",
        "TrailARN": arn,
        "HomeRegion": home,
        "IsMultiRegionTrail": multi,
        "LogFileValidationEnabled": validated,
    }


def classic(*values: Json, kind: Json = "All", of: Json = "AWS::S3::Object") -> dict[str, Json]:
    resources: list[Json] = [{"Type": of, "Values": list(values)}] if values else []
    selector: Json = {"ReadWriteType": kind, "IncludeManagementEvents": True, "DataResources": resources}
    return {"TrailARN": ARN, "EventSelectors": [selector]}


def advanced(*selectors: list[Json]) -> dict[str, Json]:
    return {"TrailARN": ARN, "AdvancedEventSelectors": [{"Name": "", "FieldSelectors": one} for one in selectors]}


def data(*more: Json) -> list[Json]:
    return [equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object"), *more]


def equals(name: str, *values: Json) -> dict[str, Json]:
    return {"Field": name, "Equals": list(values)}


def arn(operator: str, *values: Json) -> dict[str, Json]:
    return {"Field": "resources.ARN", operator: list(values)}


def monitored(
    selectors: Said, *, running: Said | None = None, trail: dict[str, Json] | None = None, prefix: str = "audit"
) -> Monitoring:
    one = head() if trail is None else trail
    home = str(one["HomeRegion"])
    status = {"IsLogging": True} if running is None else running
    more = (
        kept(trail_calls.GET_TRAIL_STATUS, status, resource=ARN, parameters={"Name": ARN, "Region": home}),
        kept(trail_calls.GET_EVENT_SELECTORS, selectors, resource=ARN, parameters={"TrailName": ARN, "Region": home}),
    )
    return seen((one,), more, prefix=prefix)


def seen(trails: tuple[dict[str, Json], ...], more: tuple[Kept, ...], *, prefix: str = "audit") -> Monitoring:
    return contribution({trail_calls.DESCRIBE_TRAILS: {"trailList": list(trails)}}, prefix=prefix, more=more).monitoring


UNDETERMINED = Reason.UNDETERMINED


@pytest.mark.parametrize(
    ("selectors", "reads", "writes"),
    [
        (classic(), False, False),
        (classic("arn:aws:s3"), True, True),
        (classic("arn:aws:s3:::"), True, True),
        (classic(f"arn:aws:s3:::{BUCKET}/"), True, True),
        (classic(f"arn:aws:s3:::{BUCKET}/audit"), True, True),
        (classic(OBJECTS, kind="ReadOnly"), True, False),
        (classic(OBJECTS, kind="WriteOnly"), False, True),
        (classic(f"{OBJECTS}workspaceId=0/"), False, False),
        (classic(f"arn:aws:s3:::{BUCKET}-other/"), False, False),
        (classic(f"arn:aws:s3:::{BUCKET}"), UNDETERMINED, UNDETERMINED),
        (classic("arn:aws-cn:s3:::"), False, False),
        (classic("arn:aws:lambda", of="AWS::Lambda::Function"), False, False),
        (classic("arn:aws:s3", kind="Sometimes"), Reason.MALFORMED, Reason.MALFORMED),
        (advanced(data()), True, True),
        (advanced(data(equals("readOnly", "true"))), True, False),
        (advanced(data(equals("readOnly", "true")), data(equals("readOnly", "false"))), True, True),
        (advanced([equals("eventCategory", "Management")]), False, False),
        (advanced([equals("eventCategory", "Data"), equals("resources.type", "AWS::Lambda::Function")]), False, False),
        (advanced(data(arn("StartsWith", f"arn:aws:s3:::{BUCKET}/"))), True, True),
        (advanced(data(arn("StartsWith", "arn:aws:s3:::other/", OBJECTS))), True, True),
        (advanced(data(arn("StartsWith", f"{OBJECTS}a"))), False, False),
        (advanced(data(arn("NotStartsWith", "arn:aws:s3:::other/"))), True, True),
        (advanced(data(arn("NotStartsWith", f"arn:aws:s3:::{BUCKET}/"))), False, False),
        (advanced(data(arn("NotStartsWith", f"{OBJECTS}a"))), False, False),
        (advanced(data(arn("Equals", f"{OBJECTS}one.json"))), False, False),
        (advanced(data(arn("Equals", f"arn:aws:s3:::{BUCKET}/"))), UNDETERMINED, UNDETERMINED),
        (advanced(data(arn("NotEquals", "arn:aws:s3:::other/"))), True, True),
        (advanced(data(arn("NotEquals", f"arn:aws:s3:::{BUCKET}/"))), UNDETERMINED, UNDETERMINED),
        (advanced(data(arn("EndsWith", ".json"))), UNDETERMINED, UNDETERMINED),
        (advanced(data(arn("NotEndsWith", ".tmp"))), UNDETERMINED, UNDETERMINED),
        (advanced(data(equals("eventName", "GetObject"))), UNDETERMINED, UNDETERMINED),
        (advanced(data(equals("eventName", "GetObject")), data()), True, True),
        (advanced(data(arn("StartsWith", f"{OBJECTS}a")), data(arn("StartsWith", f"{OBJECTS}b"))), False, False),
        (
            advanced(data(arn("StartsWith", f"{OBJECTS}a")), data(arn("NotStartsWith", f"{OBJECTS}a"))),
            UNDETERMINED,
            UNDETERMINED,
        ),
        ({**classic("arn:aws:s3"), "AdvancedEventSelectors": []}, True, True),
        ({**advanced(data()), "EventSelectors": []}, True, True),
        ({"TrailARN": ARN, "EventSelectors": [], "AdvancedEventSelectors": []}, False, False),
        ({"TrailARN": ARN}, Reason.MALFORMED, Reason.MALFORMED),
        (Reason.DENIED, Reason.DENIED, Reason.DENIED),
    ],
)
def test_selectors(selectors: Said, reads: object, writes: object) -> None:
    monitoring = monitored(selectors)
    assert (value(monitoring.object_reads_recorded), value(monitoring.object_writes_recorded)) == (reads, writes)


@pytest.mark.parametrize(
    ("trail", "running", "recorded"),
    [
        (head(), {"IsLogging": True}, True),
        (head(), {"IsLogging": False}, False),
        (head(), {"IsLogging": True, "LatestDeliveryError": "NoSuchBucket"}, False),
        (head(), {"IsLogging": True, "LatestDeliveryError": ""}, True),
        (head(), Reason.DENIED, Reason.DENIED),
        (head(), {"IsLogging": "yes"}, Reason.MALFORMED),
        (head(multi=False), {"IsLogging": True}, False),
        (head(multi=False, home=REGION), {"IsLogging": True}, True),
        (head(multi=None, home=REGION), {"IsLogging": True}, True),
        (head(multi=None), {"IsLogging": True}, Reason.MALFORMED),
    ],
)
def test_a_trail_counts_while_it_runs_and_sees_the_region(
    trail: dict[str, Json], running: Said, recorded: object
) -> None:
    assert value(monitored(classic("arn:aws:s3"), trail=trail, running=running).object_reads_recorded) == recorded


@pytest.mark.parametrize(
    ("selectors", "validated", "expected"),
    [
        (classic("arn:aws:s3"), True, True),
        (classic("arn:aws:s3"), False, False),
        (classic("arn:aws:s3", kind="WriteOnly"), True, True),
        (classic(), True, False),
        (Reason.DENIED, True, Reason.DENIED),
        (Reason.DENIED, False, False),
    ],
)
def test_only_a_trail_that_records_the_store_can_sign_for_it(
    selectors: Said, validated: Json, expected: object
) -> None:
    assert value(monitored(selectors, trail=head(validated=validated)).trail_validated) == expected


def test_one_good_trail_is_enough_beside_an_unreadable_one() -> None:
    other = f"arn:aws:cloudtrail:{REGION}:111122223333:trail/other"
    more = (
        kept(trail_calls.GET_TRAIL_STATUS, Reason.DENIED, resource=other, parameters={"Name": other, "Region": REGION}),
        kept(trail_calls.GET_TRAIL_STATUS, {"IsLogging": True}, resource=ARN, parameters={"Name": ARN, "Region": HOME}),
        kept(
            trail_calls.GET_EVENT_SELECTORS,
            advanced(data()),
            resource=ARN,
            parameters={"TrailName": ARN, "Region": HOME},
        ),
    )
    assert value(seen((head(arn=other, home=REGION), head()), more).object_writes_recorded) is True
    assert value(seen((head(arn=other, home=REGION),), more[:1]).object_writes_recorded) is Reason.DENIED


@pytest.mark.parametrize("said", [Reason.DENIED, {"trailList": "none"}, {"trailList": [{"Name": "nameless"}]}])
def test_trails_that_could_not_be_listed_are_unknown_and_not_none(said: Said) -> None:
    monitoring = contribution({trail_calls.DESCRIBE_TRAILS: said}).monitoring
    assert isinstance(monitoring.object_reads_recorded, Unknown)
    assert isinstance(monitoring.trail_validated, Unknown)


def test_no_trail_records_nothing() -> None:
    monitoring = seen((), ())
    assert value(monitoring.object_reads_recorded) is False
    assert [source.operation for source in monitoring.object_reads_recorded.sources] == ["cloudtrail:DescribeTrails"]


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event on one object, and whether selectors take it: told event by event, the way CloudTrail works."""

    arn: str
    read_only: str
    fixed: dict[str, str] = field(
        default_factory=lambda: {"eventCategory": "Data", "resources.type": "AWS::S3::Object"}
    )

    def taken(self, selectors: Selectors) -> bool:
        wanted = [one for one in selectors.classic if (one.reads if self.read_only == "true" else one.writes)]
        by_prefix = any(self.arn.startswith(prefix) for one in wanted for prefix in one.prefixes)
        return by_prefix or any(all(self._meets(condition) for condition in one) for one in selectors.advanced)

    def _meets(self, condition: FieldSelector) -> bool:
        actual = {**self.fixed, "resources.ARN": self.arn, "readOnly": self.read_only}[condition.field]
        selecting = condition.equals or condition.starts_with
        chosen = actual in condition.equals or actual.startswith(condition.starts_with)
        left_out = actual in condition.not_equals or actual.startswith(condition.not_starts_with)
        return (chosen or not selecting) and not left_out


TAILS = st.text(alphabet="ab", max_size=2)
NAMES = TAILS.map(lambda tail: f"{OBJECTS}{tail}") | st.sampled_from(
    ("arn:aws:s3:::", f"arn:aws:s3:::{BUCKET}/", "arn:x")
)
SOME_NAMES = st.lists(NAMES, max_size=2).map(tuple)
ON_NAMES = st.builds(
    FieldSelector, field=st.just("resources.ARN"), starts_with=SOME_NAMES, not_starts_with=SOME_NAMES, equals=SOME_NAMES
)
ON_READS = st.builds(FieldSelector, field=st.just("readOnly"), equals=st.sampled_from((("true",), ("false",))))
DATA = (
    FieldSelector(field="eventCategory", equals=("Data",)),
    FieldSelector(field="resources.type", equals=("AWS::S3::Object",)),
)
ADVANCED = st.lists(ON_NAMES | ON_READS, max_size=2).map(lambda more: (*DATA, *more))
CLASSIC = st.builds(ObjectSelector, reads=st.booleans(), writes=st.booleans(), prefixes=SOME_NAMES)
SELECTORS = st.builds(Selectors, advanced=st.lists(ADVANCED, max_size=3).map(tuple)) | st.builds(
    Selectors, classic=st.lists(CLASSIC, max_size=3).map(tuple)
)
EVERY_TAIL = ("", *"abc", *(first + second for first in "abc" for second in "abc"), "abab", "caca", "baba")


@given(selectors=SELECTORS, read_only=st.sampled_from(("true", "false")))
def test_what_is_decided_holds_event_by_event(selectors: Selectors, read_only: str) -> None:
    fact = records(selectors, OBJECTS, read_only=read_only)
    taken = [Event(arn=f"{OBJECTS}{tail}x", read_only=read_only).taken(selectors) for tail in EVERY_TAIL]
    if isinstance(fact, Known):
        assert fact.value is all(taken)


@given(selectors=SELECTORS, read_only=st.sampled_from(("true", "false")))
def test_a_single_selector_without_exact_names_is_always_decided(selectors: Selectors, read_only: str) -> None:
    plain = [one for one in selectors.advanced if not any(condition.equals for condition in one[2:])][:1]
    fact = records(Selectors(advanced=tuple(plain)), OBJECTS, read_only=read_only)
    assert isinstance(fact, Known)
