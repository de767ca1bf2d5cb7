"""Coverage against every way in which what is not known could turn out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from posture.model.facts import Fact, Known
from posture.model.subjects import SourceDelivery
from tests.adapters.databricks.accounts import account, config, contribution, read, workspace
from tests.testbeds.databricks import Json
from tests.work import work

WORKSPACES = (1, 2, 3)
Filter = frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A configuration; None is a value that the API wrote and nobody documented."""

    audit: bool | None
    enabled: bool | None
    filter: Filter | None

    def as_json(self, name: str) -> Json:
        return config(
            name,
            log_type={True: "AUDIT_LOGS", False: "BILLABLE_USAGE", None: "NEW_LOGS"}[self.audit],
            status={True: "ENABLED", False: "DISABLED", None: "PAUSED"}[self.enabled],
            workspace_ids_filter=("?",) if self.filter is None else tuple(sorted(self.filter)),
        )

    def completions(self) -> Iterator[tuple[bool, Filter]]:
        """Every way in which it may deliver or not, and to whom its filter may apply."""
        delivers = {bool(audit and enabled) for audit, enabled in product(_either(self.audit), _either(self.enabled))}
        filters = [frozenset[int](), frozenset({1}), frozenset({2, 3})] if self.filter is None else [self.filter]
        return product(sorted(delivers), filters)


def _either(value: bool | None) -> tuple[bool, ...]:  # noqa: FBT001 - a value of the model, not an option
    return (True, False) if value is None else (value,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is so in one completion."""

    enabled: bool
    everything: bool
    workspaces: frozenset[int]


def truths(configured: list[Configured], *, complete: bool) -> set[Truth]:
    """What may be so; behind a gap there may be one more configuration of any kind."""
    more: list[list[tuple[bool, Filter]]] = [[]]
    if not complete:
        more += [[(True, frozenset())], [(True, frozenset({1}))]]
    found = set()
    for world, extra in product(product(*(item.completions() for item in configured)), more):
        delivering = [ids for delivers, ids in (*world, *extra) if delivers]
        found.add(
            Truth(
                enabled=bool(delivering),
                everything=any(not ids for ids in delivering),
                workspaces=frozenset(w for w in WORKSPACES if any(not ids or w in ids for ids in delivering)),
            )
        )
    return found


configurations = st.lists(
    st.builds(
        Configured,
        audit=st.sampled_from((True, True, False, None)),
        enabled=st.sampled_from((True, True, False, None)),
        filter=st.one_of(st.none(), st.frozensets(st.sampled_from((1, 2)), max_size=2)),
    ),
    max_size=4,
)


def agrees(fact: Fact[bool], possible: set[bool]) -> bool:
    """A known fact is so in every completion."""
    return not isinstance(fact, Known) or possible == {fact.value}


@given(configured=configurations, complete=st.booleans(), workspaces_complete=st.booleans())
def test_what_is_known_holds_however_the_rest_turns_out(
    *, configured: list[Configured], complete: bool, workspaces_complete: bool
) -> None:
    gaps = (() if complete else ("log-delivery",)) + (() if workspaces_complete else ("workspaces",))
    followed = read(
        *(item.as_json(f"c{number}") for number, item in enumerate(configured)),
        workspaces=tuple(workspace(identity) for identity in WORKSPACES),
        gaps=gaps,
    )
    possible = truths(configured, complete=complete)
    whole = account(followed).delivery
    assert agrees(whole.enabled, {truth.enabled for truth in possible})
    assert agrees(whole.covers_account_events, {truth.everything for truth in possible})
    assert agrees(whole.covers_all_workspaces, {truth.everything for truth in possible})
    for identity, source in zip(WORKSPACES, contribution(followed).sources.items[1:], strict=True):
        assert agrees(source.delivery.enabled, {identity in truth.workspaces for truth in possible})
        assert source.delivery.covers_account_events == whole.covers_account_events
    if len(possible) == 1 and complete and all(None not in (c.audit, c.enabled, c.filter) for c in configured):
        assert decided(whole, but_all_workspaces=not workspaces_complete)


def decided(delivery: SourceDelivery, *, but_all_workspaces: bool) -> bool:
    """Where everything is known, everything is decided."""
    known = isinstance(delivery.enabled, Known) and isinstance(delivery.covers_account_events, Known)
    return known and (but_all_workspaces or isinstance(delivery.covers_all_workspaces, Known))


def test_ten_times_the_configurations_are_ten_times_the_work() -> None:
    def effort(size: int) -> int:
        configs = [config(f"c{n}", status="DISABLED", workspace_ids_filter=[n]) for n in range(size)]
        workspaces = tuple(workspace(n) for n in range(size // 10))

        def action() -> None:
            assert len(contribution(read(*configs, workspaces=workspaces)).sources.items) == 1 + size // 10

        return work(action)

    effort(100)
    assert effort(2_000) < 1.2 * 10 * effort(200)
