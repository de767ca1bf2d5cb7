import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from posture.model.facts import Reason, Unknown
from posture.reading import Answered, Call, Kept, Needs, NotConfigured, Pages, ReadFailure, Reading, clean
from posture.reading.shelf import Shelf

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CALL = Call(
    operation="s3:GetBucketEncryption",
    permission="s3:GetEncryptionConfiguration",
    absent=frozenset({"NoSuchThing"}),
    missing=frozenset({"NoSuchBucket"}),
    required=("Rules",),
)


class Peer:
    """Counts how often it is asked."""

    def __init__(self, answer: Mapping[str, object] | ReadFailure) -> None:
        self.answer = answer
        self.asked = 0

    def __call__(self) -> Mapping[str, object]:
        self.asked += 1
        if isinstance(self.answer, ReadFailure):
            raise self.answer
        return self.answer


def ask(reading: Reading, peer: Peer, *, identity: str = "me", bucket: str = "b") -> Answered | NotConfigured | Unknown:
    return reading.read(CALL, identity=identity, resource=bucket, parameters={"Bucket": bucket}, perform=peer)


def test_an_answer_is_given_as_json_with_its_source() -> None:
    answer = ask(Reading(as_of=NOW), Peer({"Rules": [{"Created": NOW, "Blob": b"x"}]}))
    assert isinstance(answer, Answered)
    assert answer.value == {"Rules": [{"Created": "2026-01-02T03:04:05Z", "Blob": "x"}]}
    assert (answer.source.operation, answer.source.resource) == ("s3:GetBucketEncryption", "b")
    assert answer.source.read_at


def test_a_call_is_made_once_for_each_identity_and_resource() -> None:
    reading, peer = Reading(as_of=NOW), Peer({"Rules": []})
    for _ in range(3):
        ask(reading, peer)
    assert peer.asked == 1
    ask(reading, peer, identity="other")
    ask(reading, peer, bucket="c")
    assert peer.asked == 3
    assert len(reading.kept()) == 3


def test_a_call_is_made_once_though_many_ask_at_the_same_time() -> None:
    reading, entered = Reading(as_of=NOW, concurrency=8), threading.Event()
    asked = []

    def slow() -> Mapping[str, object]:
        asked.append(1)
        entered.wait(0.05)
        return {"Rules": []}

    def one() -> object:
        return reading.read(CALL, identity="me", resource="b", parameters={}, perform=slow)

    answers = reading.together(*[one] * 8)
    assert len(asked) == 1
    assert len(set(map(repr, answers))) == 1
    reading.close()


@pytest.mark.parametrize(
    ("failure", "reason", "needs"),
    [
        (ReadFailure(Reason.DENIED, "AccessDenied", "no"), Reason.DENIED, "s3:GetEncryptionConfiguration"),
        (ReadFailure(Reason.THROTTLED, "SlowDown"), Reason.THROTTLED, ""),
        (ReadFailure(Reason.FAILED, "NoSuchBucket"), Reason.NOT_FOUND, ""),
        (ReadFailure(Reason.TIMEOUT, "ReadTimeout"), Reason.TIMEOUT, ""),
    ],
)
def test_a_failure_is_unknown_with_its_reason(failure: ReadFailure, reason: Reason, needs: str) -> None:
    answer = ask(Reading(as_of=NOW), Peer(failure))
    assert isinstance(answer, Unknown)
    assert (answer.reason, answer.needs) == (reason, needs)
    assert failure.code in answer.detail


def test_only_a_declared_code_means_absent() -> None:
    absent = ask(Reading(as_of=NOW), Peer(ReadFailure(Reason.FAILED, "NoSuchThing")))
    assert isinstance(absent, NotConfigured)
    assert absent.code == "NoSuchThing"


def test_an_answer_without_its_required_member_is_no_answer() -> None:
    answer = ask(Reading(as_of=NOW), Peer({}))
    assert isinstance(answer, Unknown)
    assert answer.reason is Reason.MALFORMED
    assert "Rules" in answer.detail


def test_a_secret_in_an_answer_is_masked_and_the_original_digested() -> None:
    reading = Reading(as_of=NOW)
    answer = ask(reading, Peer({"Rules": ["AKIAIOSFODNN7EXAMPLE"]}))
    assert isinstance(answer, Answered)
    assert answer.value == {"Rules": ["[redacted]"]}
    other = Reading(as_of=NOW)
    ask(other, Peer({"Rules": ["AKIAIOSFODNN7EXAMPLF"]}))
    assert reading.kept()[0].digest != other.kept()[0].digest
    plain = Reading(as_of=NOW)
    ask(plain, Peer({"Rules": ["nothing to mask"]}))
    assert plain.kept()[0].digest == ""


def items(*values: object, then: ReadFailure | None = None) -> Iterator[object]:
    yield from values
    if then is not None:
        raise then


def list_all(reading: Reading, pages: Iterator[object]) -> Pages:
    return reading.read_all(CALL, identity="me", resource="all", parameters={}, pages=lambda: pages)


def test_a_page_that_fails_leaves_the_items_before_it_and_a_gap() -> None:
    pages = list_all(Reading(as_of=NOW), items(1, 2, then=ReadFailure(Reason.DENIED, "AccessDenied")))
    assert pages.items == (1, 2)
    assert pages.gap is not None
    assert pages.gap.reason is Reason.DENIED


def test_a_declared_absence_is_an_empty_list() -> None:
    pages = list_all(Reading(as_of=NOW), items(then=ReadFailure(Reason.FAILED, "NoSuchThing")))
    assert (pages.items, pages.gap) == ((), None)


def test_no_call_begins_after_the_time_is_used_up() -> None:
    reading, peer = Reading(as_of=NOW), Peer({"Rules": []})
    view = reading.within(0.0)
    time.sleep(0.01)
    answer = ask(view, peer)
    assert isinstance(answer, Unknown)
    assert (answer.reason, peer.asked) == (Reason.TIMEOUT, 0)


def test_a_replay_gives_the_same_answers_and_never_calls() -> None:
    first = Reading(as_of=NOW)
    ask(first, Peer({"Rules": [1]}))
    ask(first, Peer(ReadFailure(Reason.DENIED, "AccessDenied")), bucket="c")
    ask(first, Peer(ReadFailure(Reason.FAILED, "NoSuchThing")), bucket="d")
    peer = Peer({"Rules": ["never"]})
    again = Reading(as_of=NOW, replayed=first.kept())
    for bucket in "bcd":
        assert ask(again, peer, bucket=bucket) == ask(first, peer, bucket=bucket)
    assert peer.asked == 0
    assert again.kept() == first.kept()


def test_what_a_snapshot_does_not_hold_is_not_collected() -> None:
    answer = ask(Reading(as_of=NOW, replayed=()), Peer({"Rules": []}))
    assert isinstance(answer, Unknown)
    assert answer.reason is Reason.NOT_COLLECTED
    assert "--save" in answer.needs


def test_a_bug_in_a_call_reaches_whoever_waits() -> None:
    reading = Reading(as_of=NOW)

    def broken() -> Mapping[str, object]:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            reading.read(CALL, identity="me", resource="b", parameters={}, perform=broken)


def test_any_answer_becomes_json() -> None:
    assert clean({1: (NOW, {"x"}, None, 1.5, True, object)})["1"][:2] == ["2026-01-02T03:04:05Z", ["x"]]  # type: ignore[index,call-overload] # JSON


def test_kept_calls_are_in_a_stable_order() -> None:
    reading = Reading(as_of=NOW)
    for bucket in "cab":
        ask(reading, Peer({"Rules": []}), bucket=bucket)
    assert [kept.resource for kept in reading.kept()] == ["a", "b", "c"]
    assert all(isinstance(kept, Kept) for kept in reading.kept())


def test_of_thousands_of_calls_none_is_made_twice_or_lost() -> None:
    reading, peer = Reading(as_of=NOW), Peer({"Rules": [{"a": 1}]})
    account = Peer(ReadFailure(Reason.DENIED, "AccessDenied", "no"))
    names = [f"bucket-{number}" for number in range(6_000)]
    for name in names:
        ask(reading, peer, bucket=name)
        ask(reading, account, identity="account")  # asked for with every bucket
    for name in names:
        assert isinstance(ask(reading, peer, bucket=name), Answered)
    assert (peer.asked, account.asked) == (6_000, 1)
    assert sorted(kept.resource for kept in reading.kept()) == sorted([*names, "b"])
    assert reading.kept() == reading.kept(CALL.operation)
    assert tuple(reading.ordered()) == tuple(reading.ordered()) == reading.kept()
    assert len(reading.ordered()) == len(reading.kept())
    assert reading.kept("s3:GetBucketAcl") == ()
    assert [(count.calls, count.failed) for count in reading.counts()] == [(6_001, 1)]


def test_a_call_comes_back_from_the_shelf_as_it_was() -> None:
    shelf, texts = Shelf(), ("", "ä", "\ud800", "a\0b")
    put = [
        Kept(
            identity="me",
            operation=f"s3:{number % 3}",
            parameters=(("Bucket", f"{text}{number}"), ("Region", text)),
            resource=text,
            read_at="2026-01-02T03:04:05Z",
            digest=text,
            answer={"list": [1, 2.5, None, True, {"deep": [text]}]} if number % 2 else None,
            items=None if number % 2 else (text, {"a": [text]}),
            absent=text,
            reason=Reason.DENIED if number % 5 else None,
            detail=text,
        )
        for number, text in enumerate(texts * 1_500)
    ]
    for kept in put:
        shelf.put(kept.key, kept)
    assert list(shelf.all()) == put
    assert [shelf.get(kept.key) for kept in put] == put
    assert list(shelf.all("s3:1")) == put[1::3]
    assert shelf.get(("me", "s3:0", ())) is None


@pytest.mark.parametrize(
    ("facts", "needed", "made"),
    [
        (None, (), True),
        ((), ("grants[].scope",), False),
        (("grants",), (), False),
        (("grants",), ("grants[].scope",), True),
        (("grants[].conditions",), ("grants", "grants[].scope"), False),
        (("exposure.blocked",), ("exposure.blocked.bucket.ignore_public_acls",), True),
        (("exposure.blocked",), ("exposure.blocked_too",), False),
        (("exposure.blocked.bucket",), ("exposure.blocked.account.ignore_public_acls",), False),
    ],
)
def test_a_call_is_needed_for_the_facts_that_rest_on_it(
    facts: tuple[str, ...] | None,
    needed: tuple[str, ...],
    made: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    assert Needs(needed).include(replace(CALL, facts=facts)) is made


def test_a_call_that_nothing_needs_is_not_made_and_not_kept() -> None:
    reading, peer = Reading(as_of=NOW, needs=Needs(("encryption.at_rest",))), Peer({"Rules": []})
    needless, parameters = replace(CALL, facts=("exposure.website",)), {"Bucket": "b"}
    answer = reading.read(needless, identity="me", resource="b", parameters=parameters, perform=peer)
    assert isinstance(answer, Unknown)
    assert (answer.reason, answer.needs) == (Reason.NOT_NEEDED, "")
    pages = reading.read_all(
        needless, identity="me", resource="b", parameters=parameters, pages=lambda: peer().values()
    )
    assert pages.gap is not None
    assert (pages.items, pages.gap.reason) == ((), Reason.NOT_NEEDED)
    assert (peer.asked, reading.kept(), reading.counts()) == (0, (), ())
    needed = replace(CALL, facts=("encryption",))
    assert isinstance(reading.read(needed, identity="me", resource="b", parameters=parameters, perform=peer), Answered)
