"""How many calls are in flight, by a clock of our own; and that no thread waits for ever, by real ones."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posture.reading.permits import Permits


class Peer:
    """Answers one call after another; `busy` is the share of the time for which the process worked."""

    def __init__(self, most: int) -> None:
        self.now = self.worked = 0.0
        self.permits = Permits(most, clock=lambda: self.now, processor=lambda: self.worked)

    def answers(self, count: int, *, seconds: float, busy: float) -> int:
        for _ in range(count):
            self.now += seconds
            self.worked += seconds * busy
            self.permits.answered()
        return self.permits.limit


def test_calls_that_keep_the_processor_busy_are_made_by_one_thread() -> None:
    peer = Peer(16)
    assert [peer.answers(32, seconds=0.001, busy=1) for _ in range(5)] == [8, 4, 2, 1, 1]


def test_what_one_store_needs_is_asked_for_at_full_width() -> None:
    assert Peer(16).answers(30, seconds=0.001, busy=1) == 16


def test_calls_that_wait_are_made_side_by_side_at_once() -> None:
    peer = Peer(16)
    assert peer.answers(200, seconds=0.001, busy=1) == 1
    assert peer.answers(2, seconds=0.04, busy=0.02) == 16


def test_as_many_as_it_takes_and_no_more() -> None:
    peer = Peer(16)
    peer.answers(200, seconds=0.001, busy=1)
    assert peer.answers(1, seconds=0.6, busy=0.3) == 3
    assert peer.answers(200, seconds=0.001, busy=0.9) == 3


def test_nothing_is_said_of_a_moment() -> None:
    assert Peer(16).answers(4, seconds=0.004, busy=0) == 16
    peer = Peer(2)
    peer.answers(64, seconds=0.001, busy=1)
    assert peer.answers(10, seconds=0.001, busy=0) == 1  # not yet
    assert peer.answers(10, seconds=0.001, busy=0) == 2


@given(st.integers(1, 64), st.lists(st.tuples(st.floats(0, 1), st.floats(0, 4)), max_size=100))
def test_there_is_always_one_and_never_more_than_allowed(most: int, looks: list[tuple[float, float]]) -> None:
    peer = Peer(most)
    for seconds, busy in looks:
        assert 1 <= peer.answers(1, seconds=seconds, busy=busy) <= most


def test_one_more_is_refused_until_one_is_given_back() -> None:
    permits = Permits(2)
    permits.wait()
    assert permits.take()
    assert not permits.take()
    permits.give_back()
    assert permits.take()


def test_a_call_that_hangs_holds_up_no_others() -> None:
    peer = Peer(16)
    assert peer.answers(200, seconds=0.001, busy=1) == 1
    peer.permits.wait()  # for a call that never comes back
    other = threading.Thread(target=peer.permits.wait, daemon=True)
    other.start()
    peer.now += 10
    other.join(10)
    assert not other.is_alive()


@pytest.mark.parametrize("most", [1, 3, 16])
def test_no_thread_waits_for_ever(most: int) -> None:
    peer, lock, held, highest = Peer(most), threading.Lock(), 0, 0

    def work(number: int) -> None:
        nonlocal held, highest
        for turn in range(50):
            peer.permits.wait()
            with lock:
                held += 1
                highest = max(highest, held)
            with lock:
                held -= 1
                peer.now += 0.02
                peer.worked += 0.02 * ((number + turn) % 2)
            peer.permits.answered()
            peer.permits.give_back()

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert highest <= most
