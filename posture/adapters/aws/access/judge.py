"""What AWS's rules say of a role that delivers, from the policies that were read of it, its store and its key."""

from __future__ import annotations

from posture.adapters.aws.access.need import OF_KEY
from posture.adapters.aws.access.writer import bound_to, confined_to, may_put, may_use_key
from posture.adapters.aws.arns import account_of
from posture.adapters.writers import Writer
from posture.model.accounts import same
from posture.model.contributions import KeyContribution
from posture.model.facts import Fact, Known, Listing, Reason, Unknown, all_true, any_true, both
from posture.model.subjects import ActionClass, Grant, HolderKind

_UNREAD = Unknown(reason=Reason.NOT_COLLECTED, detail="nobody read the role that delivers")
_WIDE = (HolderKind.ANY_ACCOUNT, HolderKind.ORGANISATION)


class RoleJudge:
    """Judges roles of IAM."""

    def admitted(self, writer: Writer) -> Fact[bool]:
        """By the bucket policy or, in the same account, its own; no filter may take from a stranger what that gives."""
        store, policies = writer.store, _policies(writer)
        by_rules = store.account.then(lambda owner: may_put(store.policy, policies, writer.name, store.ref, owner))
        elsewhere = store.account.then(lambda owner: same(owner, account_of(writer.name))).map(lambda alike: not alike)
        let_in = _let_in(writer)
        return elsewhere.then(lambda apart: all_true((by_rules, let_in)) if apart else by_rules)

    def confined(self, writer: Writer) -> Fact[bool]:
        """A place that is not known may be the one that its policies reach."""
        unknown = [place for place in writer.places if isinstance(place, Unknown)]
        known = dict.fromkeys(place.value for place in writer.places if isinstance(place, Known))
        answer = confined_to(_policies(writer), writer.name, known)
        return unknown[0] if unknown and isinstance(answer, Known) and not answer.value else answer

    def bound(self, writer: Writer) -> Fact[bool]:
        """By the trust policy and its external id."""
        if writer.role is None:
            return _UNREAD
        return bound_to(writer.role.trust_policy, writer.name, writer.databricks_accounts)

    def uses_key(self, writer: Writer, key: KeyContribution) -> Fact[bool]:
        """By name in the key's policy or grants; else by the account, which leaves it to the role's own policies."""
        left = _given_by_key(writer, key, account=True)
        by_account = left
        if isinstance(left, Known) and left.value:
            by_account = may_use_key(_policies(writer), writer.name, key.ref.key_id)
        answer = any_true((_given_by_key(writer, key, account=False), by_account))
        if isinstance(answer, Known) and not answer.value and key.grants.gaps:
            return key.grants.gaps[0].unknown
        return answer


def _policies(writer: Writer) -> Listing[str]:
    return writer.role.policies if writer.role is not None else Listing.unread(_UNREAD)


def _let_in(writer: Writer) -> Fact[bool]:
    """Whether a grant of the store, after all filters, lets the role write."""
    account = account_of(writer.name)

    def given(grant: Grant) -> Fact[bool]:
        mine = any_true(
            (
                grant.principal.map(lambda name: name == writer.name),
                both(grant.kind, grant.account).map(lambda pair: pair == (HolderKind.ACCOUNT, account)),
                grant.kind.map(lambda kind: kind in _WIDE),
            )
        )
        return all_true((grant.action.map(lambda action: action is ActionClass.WRITE), mine))

    grants = writer.store.grants
    nothing: Fact[bool] = Known(value=False, sources=grants.sources)
    return any_true((*map(given, grants.items), *(gap.unknown for gap in grants.gaps), nothing))


def _given_by_key(writer: Writer, key: KeyContribution, *, account: bool) -> Fact[bool]:
    """Whether the key's grants give everything that a delivery needs of it: to the account, or to the role itself."""
    nothing: Fact[bool] = Known(value=False, sources=key.grants.sources)

    def holds(grant: Grant, needed: str) -> Fact[bool]:
        has = grant.actions.map(lambda text: needed in text.split(", "))
        if account:
            owner = (HolderKind.ACCOUNT, account_of(writer.name))
            return all_true((has, both(grant.kind, grant.account).map(lambda pair: pair == owner)))
        return all_true((has, grant.principal.map(lambda name: name == writer.name)))

    return all_true(
        any_true((*(holds(grant, needed) for grant in key.grants.items), nothing)) for needed in sorted(OF_KEY)
    )
