"""Which events of which workspaces are delivered, over all configurations (D1, D3)."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from posture.adapters.databricks.config import DeliveryConfig, Read, WorkspaceConfig
from posture.frozen import dataclass
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Unknown, all_true, any_true, united
from posture.model.subjects import Configuration, Provider, SourceDelivery

_NO_BUCKET = Unknown(
    reason=Reason.NOT_COLLECTED,
    detail="Databricks' reference architecture says that no delivery to a bucket has the events of a serverless "
    "workspace, and whether the system table keeps them was not read",
    needs="the schema `access` enabled in Unity Catalog, and somebody who looks at system.access.audit",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A configuration that may deliver audit logs, native and as a policy sees it."""

    native: DeliveryConfig
    seen: Configuration
    delivers: Fact[bool]  # audit logs, and it is enabled


class Coverage:
    """Answers for the account and for each workspace; made once, so that a workspace costs only what names it."""

    def __init__(
        self,
        read: Read[DeliveryConfig],
        configurations: Iterable[Configuration],
        workspaces: Read[WorkspaceConfig],
        provider: Provider,
    ) -> None:
        self._provider = provider
        self._gap = read.gap
        self._source = read.source
        self._workspaces = workspaces
        self._rows = tuple(
            _Row(native=native, seen=seen, delivers=all_true((native.audit, native.enabled)))
            for native, seen in zip(read.items, configurations, strict=True)
            if not _value(native.audit.map(operator.not_))
        )
        self._naming: dict[int | str, list[_Row]] = defaultdict(list)
        for row in self._rows:
            if isinstance(row.native.workspaces, Known):
                for workspace in row.native.workspaces.value:
                    self._naming[workspace].append(row)
        self._everything = self._exists(all_true((row.delivers, _unfiltered(row.native))) for row in self._rows)
        self._something = self._exists(row.delivers for row in self._rows)
        self._all_workspaces = self._covers_all_workspaces()
        self._common = self._common_listing()

    def of_account(self) -> SourceDelivery:
        """The account as a whole: any enabled configuration delivers some of its events."""
        return SourceDelivery(
            enabled=self._something,
            covers_account_events=self._everything,
            covers_all_workspaces=self._all_workspaces,
            configurations=self._listing(self._rows),
        )

    def of_workspace(self, workspace: WorkspaceConfig) -> SourceDelivery:
        """One workspace: what has no filter, and what names it."""
        naming = self._naming.get(workspace.id, [])
        specific = self._listing(naming)
        delivered = self._exists((self._everything, *(row.delivers for row in naming)))
        return SourceDelivery(
            enabled=self._arrives(delivered, (workspace,)),
            covers_account_events=self._everything,
            covers_all_workspaces=self._all_workspaces,
            configurations=_joined(self._common, specific) if naming else self._common,
        )

    def _covers_all_workspaces(self) -> Fact[bool]:
        """Only a configuration without filter covers the workspaces of tomorrow.

        Filters are judged only when it is known which workspaces there are today.
        """
        everything, gap = self._everything, self._workspaces.gap
        if not isinstance(everything, Known) or everything.value:
            return self._arrives(everything, self._workspaces.items, gap)
        if gap is not None and not _value(self._something.map(operator.not_)):
            return gap
        return Known(value=False, sources=united(everything.sources, (self._workspaces.source,)))

    def _arrives(
        self, delivered: Fact[bool], workspaces: Iterable[WorkspaceConfig], gap: Unknown | None = None
    ) -> Fact[bool]:
        """The same, unless one of the workspaces is serverless, or may be, and its events may be in no bucket."""
        if self._provider is not Provider.AWS or not _value(delivered):
            return delivered
        bucketless = any_true((*map(_serverless, workspaces), *((gap,) if gap else ())))
        if not isinstance(bucketless, Known):
            return bucketless
        if bucketless.value:
            return replace(_NO_BUCKET, sources=bucketless.sources)
        return Known(value=True, sources=united(delivered.sources, (self._workspaces.source,)))

    def _exists(self, facts: Iterable[Fact[bool]]) -> Fact[bool]:
        """True as soon as one is; false only by a whole listing, which is then the one source: thousands are none."""
        unknown: Unknown | None = None
        for fact in facts:
            if isinstance(fact, Unknown):
                unknown = unknown or fact
            elif fact.value:
                return fact
        unknown = unknown or self._gap
        return Known(value=False, sources=(self._source,)) if unknown is None else unknown

    def _listing(self, rows: Iterable[_Row]) -> Listing[Configuration]:
        """What is not known to be about audit logs may lack here or not: a gap."""
        chosen = tuple(rows)
        items = tuple(row.seen for row in chosen if isinstance(row.native.audit, Known))
        doubts = (row.native.audit for row in chosen)
        gaps = [Gap(unknown=doubt) for doubt in doubts if isinstance(doubt, Unknown)]
        if self._gap is not None:
            gaps.append(Gap(unknown=self._gap))
        return Listing(items=items, gaps=tuple(gaps), sources=(self._source,))

    def _common_listing(self) -> Listing[Configuration]:
        """What concerns every workspace. A filter that cannot be read may name any of them or none."""
        without = self._listing(row for row in self._rows if _value(_unfiltered(row.native)))
        filters = (row.native.workspaces for row in self._rows)
        doubts = tuple(Gap(unknown=doubt) for doubt in filters if isinstance(doubt, Unknown))
        return Listing(items=without.items, gaps=doubts + without.gaps, sources=without.sources)


def _serverless(workspace: WorkspaceConfig) -> Fact[bool]:
    """As it says itself, or as it shows: on AWS any other workspace has a bucket and a role of the customer's."""
    bare = any_true(fact.map(bool) for fact in (workspace.storage, workspace.credentials)).map(operator.not_)
    if isinstance(bare, Known) and not _value(workspace.serverless):
        return bare
    return any_true((workspace.serverless, bare))


def _value(fact: Fact[bool]) -> bool:
    return isinstance(fact, Known) and fact.value


def _unfiltered(config: DeliveryConfig) -> Fact[bool]:
    return config.workspaces.map(lambda ids: not ids)


def _joined(first: Listing[Configuration], second: Listing[Configuration]) -> Listing[Configuration]:
    return Listing(
        items=first.items + second.items,
        gaps=tuple(dict.fromkeys(first.gaps + second.gaps)),
        sources=united(first.sources, second.sources),
    )
