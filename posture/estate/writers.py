"""The roles that deliver into a store: which of its grants are theirs, what they can do, and who can become them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from posture.estate.stage import NO_SOURCE, Stage
from posture.model.contributions import DeliveryContribution, KeyContribution, StoreContribution
from posture.model.facts import Fact, Known, Listing, Reason, Unknown, all_true, any_true, both, united
from posture.model.leads import KeyRef
from posture.model.subjects import ActionClass, Grant, HolderKind, Kind, Provider
from posture.model.trust import scope_of_writer

_NOBODY = Unknown(reason=Reason.UNDETERMINED, detail="no role is expected to write here")
_UNREAD = Unknown(reason=Reason.NOT_COLLECTED, detail="nobody read the role that delivers")
_ELSEWHERE = Unknown(reason=Reason.UNSUPPORTED, detail="posture judges writers of AWS only")
_FOR_KEY = {ActionClass.READ: "kms:Decrypt", ActionClass.WRITE: "kms:GenerateDataKey"}


@dataclass(frozen=True, slots=True)
class Writers:
    """The writers of one store; `names` are their ARNs with commas between them, empty where nobody is expected."""

    store: StoreContribution
    stage: Stage
    names: Fact[str]

    def marked(self, grants: Listing[Grant]) -> Listing[Grant]:
        """The same grants, saying which holders deliver; a writer that we named ourselves is no stranger."""
        return replace(grants, items=tuple(self._marked(grant) for grant in grants.items))

    def _marked(self, grant: Grant) -> Grant:
        if not (isinstance(grant.kind, Known) and grant.kind.value is HolderKind.PRINCIPAL):
            return replace(grant, delivers=Known(value=False, sources=grant.kind.sources))
        delivers = both(self.names, grant.principal).map(lambda pair: pair[1] in pair[0].split(", "))
        if not self.stage.sources:  # whoever names no source trusts no writer of it either
            return replace(grant, delivers=NO_SOURCE)
        return replace(grant, delivers=delivers, scope=scope_of_writer(grant.scope, delivers))

    def admitted(self) -> Fact[bool]:
        """Whether the store lets every writer put logs under the prefix."""
        from posture.adapters.aws.access.writer import may_put  # noqa: PLC0415 - it imports the decision engine

        def one(arn: str) -> Fact[bool]:
            store, policies = self.store, self._policies(arn)
            by_rules = store.account.then(lambda owner: may_put(store.policy, policies, arn, store.ref, owner))
            elsewhere = store.account.map(lambda owner: owner != _account(arn))
            return _if(elsewhere, all_true((by_rules, self._let_in(arn))), by_rules)

        return self._each(one)

    def _let_in(self, arn: str) -> Fact[bool]:
        """Whether no filter takes from a writer of another account what the policy gives it."""

        def given(grant: Grant) -> Fact[bool]:
            mine = any_true(
                (
                    grant.principal.map(lambda name: name == arn),
                    both(grant.kind, grant.account).map(
                        lambda pair: pair[0] is HolderKind.ACCOUNT and pair[1] == _account(arn)
                    ),
                    grant.kind.map(lambda kind: kind in (HolderKind.ANY_ACCOUNT, HolderKind.ORGANISATION)),
                )
            )
            return all_true((grant.action.map(lambda action: action is ActionClass.WRITE), mine))

        grants = self.store.grants
        nothing: Fact[bool] = Known(value=False, sources=grants.sources)
        return any_true((*map(given, grants.items), *(gap.unknown for gap in grants.gaps), nothing))

    def confined(self) -> Fact[bool]:
        """Whether no writer's own policies go beyond the places that it delivers to."""
        from posture.adapters.aws.access.writer import confined_to  # noqa: PLC0415 - it imports the decision engine

        def one(arn: str) -> Fact[bool]:
            places = [item.store for item in self._deliveries(arn)]
            unknown = [place for place in places if isinstance(place, Unknown)]
            known = dict.fromkeys(place.value for place in places if isinstance(place, Known))
            answer = confined_to(self._policies(arn), arn, known)
            return unknown[0] if unknown and isinstance(answer, Known) and not answer.value else answer

        return self._each(one)

    def bound(self) -> Fact[bool]:
        """Whether whoever becomes a writer from outside must name a Databricks account that delivers by it."""
        from posture.adapters.aws.access.writer import bound_to  # noqa: PLC0415 - it imports the decision engine

        def one(arn: str) -> Fact[bool]:
            role = self.stage.role(arn)
            return bound_to(role.trust_policy, arn, self._account_ids(arn)) if role else _UNREAD

        return self._each(one)

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
            return self._each(lambda arn: self._by_key(arn, ref, given)) if given else _UNREAD

        return key.then(admits)

    def _by_key(self, arn: str, ref: KeyRef, key: KeyContribution) -> Fact[bool]:
        """By name in the key's policy or grants; else by the account, which leaves it to the role's own policies."""
        from posture.adapters.aws.access.writer import may_use_key  # noqa: PLC0415 - it imports the decision engine

        def holds(grant: Grant, needed: str, *, account: bool) -> Fact[bool]:
            has = grant.actions.map(lambda text: needed in text.split(", "))
            if account:
                kinds = both(grant.kind, grant.account)
                return all_true((has, kinds.map(lambda pair: pair == (HolderKind.ACCOUNT, _account(arn)))))
            return all_true((has, grant.principal.map(lambda name: name == arn)))

        def every(*, account: bool) -> Fact[bool]:
            nothing: Fact[bool] = Known(value=False, sources=key.grants.sources)
            return all_true(
                any_true((*(holds(grant, needed, account=account) for grant in key.grants.items), nothing))
                for needed in _FOR_KEY.values()
            )

        left = every(account=True)
        by_account = left
        if isinstance(left, Known) and left.value:
            by_account = may_use_key(self._policies(arn), arn, ref.key_id)
        answer = any_true((every(account=False), by_account))
        if isinstance(answer, Known) and not answer.value and key.grants.gaps:
            return key.grants.gaps[0].unknown
        return answer

    def _each(self, judge: Callable[[str], Fact[bool]]) -> Fact[bool]:
        if self.store.ref.provider is not Provider.AWS:
            return _ELSEWHERE

        def judged(names: str) -> Fact[bool]:
            return all_true(judge(arn) for arn in names.split(", ")) if names else _NOBODY

        return self.names.then(judged)

    def _policies(self, arn: str) -> Listing[str]:
        role = self.stage.role(arn)
        return role.policies if role else Listing.unread(_UNREAD)

    def _deliveries(self, arn: str) -> Iterable[DeliveryContribution]:
        for item in self.stage.deliveries.items:
            if isinstance(item.writer, Known) and item.writer.value == arn:
                yield item

    def _account_ids(self, arn: str) -> tuple[str, ...]:
        mine = [
            source
            for source in self.stage.sources
            if any(isinstance(item.writer, Known) and item.writer.value == arn for item in source.deliveries.items)
        ]
        names = (item.name for source in mine for item in source.sources.items if item.kind is Kind.ACCOUNT)
        return tuple(dict.fromkeys(names))


def _if(condition: Fact[bool], then: Fact[bool], otherwise: Fact[bool]) -> Fact[bool]:
    return condition.then(lambda value: then if value else otherwise)


def _account(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else ""  # noqa: PLR2004 - an ARN has six parts
