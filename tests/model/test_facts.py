from hypothesis import given
from hypothesis import strategies as st

from posture.model.facts import (
    FOREVER,
    Duration,
    Fact,
    Known,
    Reason,
    Source,
    Unknown,
    all_true,
    any_true,
    both,
    shortest,
)
from posture.model.subjects import Kind, LogStore, Mode, Provider, Role
from posture.model.unread import unread

HERE = Source(operation="s3:GetBucketPolicy", resource="b", read_at="2026-01-02T03:04:05Z")
DENIED = Unknown(reason=Reason.DENIED, sources=(HERE,), needs="s3:GetBucketPolicy")
TRUTHS: st.SearchStrategy[Fact[bool]] = st.one_of(
    st.booleans().map(lambda value: Known(value=value, sources=(HERE,))), st.just(DENIED)
)


def known(value: Duration) -> Fact[Duration]:
    return Known(value=value, sources=(HERE,))


def test_a_place_further_in_is_a_json_pointer() -> None:
    assert HERE.at("Statement", 1, "a/b~c").pointer == "/Statement/1/a~1b~0c"
    assert HERE.at("x").read_at == HERE.read_at


def test_unknown_stays_unknown_through_everything() -> None:
    fact: Fact[bool] = DENIED
    assert fact.map(lambda value: not value) is DENIED
    assert fact.then(lambda value: Known(value=value, sources=())) is DENIED
    assert both(fact, known(1)) is DENIED
    assert both(known(1), fact) is DENIED


def test_a_fact_from_two_answers_has_both_sources() -> None:
    other = Source(operation="kms:DescribeKey", resource="k")
    pair = both(known(1), Known(value=2, sources=(other,)))
    assert pair == Known(value=(1, 2), sources=(HERE, other))


@given(st.lists(TRUTHS))
def test_any_and_all_are_kleene(facts: list[Fact[bool]]) -> None:
    values = [fact.value if isinstance(fact, Known) else None for fact in facts]
    one, every = any_true(facts), all_true(facts)
    assert (one.value if isinstance(one, Known) else None) == (
        True if True in values else None if None in values else False
    )
    assert (every.value if isinstance(every, Known) else None) == (
        False if False in values else None if None in values else True
    )


def test_the_shortest_duration() -> None:
    assert shortest([]) == Known(value=FOREVER, sources=())
    assert shortest([known(FOREVER), known(30), known(365)]) == known(30)
    assert shortest([known(FOREVER), known(FOREVER)]) == known(FOREVER)
    assert shortest([known(1), DENIED]) is DENIED


def test_an_unread_record_says_so_in_every_place() -> None:
    store = unread(
        LogStore, DENIED, provider=Provider.AWS, kind=Kind.S3_BUCKET, uri="s3://b", role=Role.DELIVERY, mode=Mode.LIVE
    )
    assert store.encryption.at_rest is DENIED
    assert store.exposure.blocked.effective.ignore_public_acls is DENIED
    assert store.grants.items == ()
    assert [gap.unknown for gap in store.grants.gaps] == [DENIED]
