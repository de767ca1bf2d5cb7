"""What Google's rules say of the account as which Databricks delivers, from what was read of the store and its key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from posture.adapters.gcp.access.actions import OF_KEY, OF_STORE
from posture.adapters.writers import Writer
from posture.model.contributions import KeyContribution
from posture.model.facts import Fact, Gap, Known, Listing, Reason, Unknown, all_true, any_true, united
from posture.model.subjects import Grant

_NOT_OURS = Unknown(
    reason=Reason.UNSUPPORTED, detail="the account is Databricks' own, and what it may do elsewhere is shown to nobody"
)
_BILLED = Unknown(
    reason=Reason.UNDETERMINED,
    detail="requester pays: whether Databricks names a project to bill, without which it is refused, is not documented",
)
_OF_KEY = ("cloudkms.cryptoKeyVersions.useToDecrypt", "cloudkms.cryptoKeyVersions.useToEncrypt")
_AGENTS = "@gs-project-accounts.iam.gserviceaccount.com"


class AccountJudge:
    """Judges service accounts of Databricks' own: of these only the store's side can be read."""

    def admitted(self, writer: Writer) -> Fact[bool]:
        """By a grant of the store that is left after all filters, and where no request has to say who pays."""
        granted = _some(writer.store.grants, lambda name: name == writer.name, "storage.objects.create")
        if not isinstance(granted, Known) or not granted.value:
            return granted
        return writer.store.exposure.requester_pays.then(
            lambda pays: replace(_BILLED, sources=writer.store.exposure.requester_pays.sources) if pays else granted
        )

    def confined(self, writer: Writer) -> Fact[bool]:  # noqa: ARG002 - the same for each
        """Nobody but Databricks can say."""
        return _NOT_OURS

    def bound(self, writer: Writer) -> Fact[bool]:  # noqa: ARG002 - the same for each
        """Nobody but Databricks can say."""
        return _NOT_OURS

    def uses_key(self, writer: Writer, key: KeyContribution) -> Fact[bool]:  # noqa: ARG002 - Cloud Storage uses the key
        """Not the writer but the service agent of Cloud Storage encrypts and decrypts."""
        return all_true(_some(key.grants, lambda name: name.endswith(_AGENTS), each) for each in _OF_KEY)


def _some(grants: Listing[Grant], named: Callable[[str], bool], permission: str) -> Fact[bool]:
    """Whether somebody of these names has a permission; only gaps that may hide it count."""
    classes = OF_STORE if permission.startswith("storage.") else OF_KEY
    action = next(action for action, names in classes.items() if permission in names)

    def given(grant: Grant) -> Fact[bool]:
        has = grant.actions.map(lambda found: permission in found.split(", "))
        return all_true((grant.principal.map(named), has))

    def may_hide(gap: Gap) -> bool:
        limits = dict(gap.limits)
        actions, names = limits.get("action", (action.value,)), limits.get("principal")
        permissions = limits.get("actions", (permission,))
        return (
            action.value in actions
            and any(permission in each.split(", ") for each in permissions)
            and (names is None or any(named(name) for name in names))
        )

    nothing: Fact[bool] = Known(value=False, sources=grants.sources)
    unknown = (gap.unknown for gap in grants.gaps if may_hide(gap))
    found = any_true((*map(given, grants.items), *unknown, nothing))
    return replace(found, sources=united(found.sources, grants.sources)) if isinstance(found, Known) else found
