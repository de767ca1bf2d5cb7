"""The roles that deliver into a store: which of its grants are theirs, what they can do, and who can become them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from posture.adapters.registry import JUDGES
from posture.adapters.writers import Writer, WriterJudge
from posture.estate.stage import Stage, Surroundings
from posture.frozen import dataclass
from posture.model.contributions import DeliveryContribution, KeyContribution, StoreContribution
from posture.model.facts import Fact, Known, Listing, Reason, Unknown, all_true, both, united
from posture.model.leads import KeyRef
from posture.model.subjects import Grant, HolderKind, Kind
from posture.model.trust import scope_of_writer

_NOBODY = Unknown(reason=Reason.UNDETERMINED, detail="no role is expected to write here")
_UNREAD = Unknown(reason=Reason.NOT_COLLECTED, detail="nobody read the role that delivers")
_ELSEWHERE = Unknown(reason=Reason.UNSUPPORTED, detail="posture does not judge writers of this provider")


@dataclass(frozen=True, slots=True)
class Writers:
    """The writers of one store; `names` are their ARNs with commas between them, empty where nobody is expected."""

    store: StoreContribution
    stage: Stage
    names: Fact[str]

    @property
    def _around(self) -> Surroundings:
        return self.stage.around(self.store.ref)

    def marked(self, grants: Listing[Grant]) -> Listing[Grant]:
        """The same grants, saying which holders deliver; a writer that we named ourselves is no stranger."""
        return replace(grants, items=tuple(self._marked(grant) for grant in grants.items))

    def _marked(self, grant: Grant) -> Grant:
        if not (isinstance(grant.kind, Known) and grant.kind.value is HolderKind.PRINCIPAL):
            return replace(grant, delivers=Known(value=False, sources=grant.kind.sources))
        delivers = both(self.names, grant.principal).map(lambda pair: pair[1] in pair[0].split(", "))
        if not self._around.sources:  # whoever names no source trusts no writer of it either
            return replace(grant, delivers=self.stage.no_source)
        return replace(grant, delivers=delivers, scope=scope_of_writer(grant.scope, delivers))

    def admitted(self) -> Fact[bool]:
        """Whether the store lets every writer put logs under the prefix."""
        return self._each(lambda judge, writer: judge.admitted(writer))

    def confined(self) -> Fact[bool]:
        """Whether no writer's own policies go beyond the places that it delivers to."""
        return self._each(lambda judge, writer: judge.confined(writer))

    def bound(self) -> Fact[bool]:
        """Whether whoever becomes a writer from outside must name a Databricks account that delivers by it."""
        return self._each(lambda judge, writer: judge.bound(writer))

    def trust(self) -> Listing[Grant]:
        """Who can become a writer."""
        match self.names:
            case Unknown() as unknown:
                return Listing.unread(unknown)
            case Known(value=names, sources=sources):
                roles = [self.stage.role(arn) for arn in names.split(", ") if arn]
                nobody: Listing[Grant] = Listing.unread(_UNREAD)
                listed = [role.trust if role else nobody for role in roles]
                return Listing(
                    items=tuple(grant for each in listed for grant in each.items),
                    gaps=tuple(gap for each in listed for gap in each.gaps),
                    sources=united(sources, *(each.sources for each in listed)),
                )

    def key_admits(self, key: Fact[KeyRef | None], read: Callable[[KeyRef], KeyContribution | None]) -> Fact[bool]:
        """Whether every writer can use the default key; nobody needs leave for a key that the provider manages."""

        def admits(ref: KeyRef | None) -> Fact[bool]:
            if ref is None:
                return Known(value=True, sources=())
            given = read(ref)
            return self._each(lambda judge, writer: judge.uses_key(writer, given)) if given else _UNREAD

        return key.then(admits)

    def _each(self, ask: Callable[[WriterJudge, Writer], Fact[bool]]) -> Fact[bool]:
        make = JUDGES.get(self.store.ref.provider)
        if make is None:
            return _ELSEWHERE
        judge = make()

        def judged(names: str) -> Fact[bool]:
            return all_true(ask(judge, self._writer(name)) for name in names.split(", ")) if names else _NOBODY

        return self.names.then(judged)

    def _writer(self, name: str) -> Writer:
        return Writer(
            name=name,
            role=self.stage.role(name),
            store=self.store,
            places=tuple(item.store for item in self._deliveries(name)),
            databricks_accounts=self._account_ids(name),
        )

    def _deliveries(self, arn: str) -> Iterable[DeliveryContribution]:
        for item in self._around.deliveries.items:
            if isinstance(item.writer, Known) and item.writer.value == arn:
                yield item

    def _account_ids(self, arn: str) -> tuple[str, ...]:
        mine = [
            source
            for source in self._around.sources
            if any(isinstance(item.writer, Known) and item.writer.value == arn for item in source.deliveries.items)
        ]
        names = (item.name for source in mine for item in source.sources.items if item.kind is Kind.ACCOUNT)
        return tuple(dict.fromkeys(names))
