"""The Azure wing: follows leads to subscriptions, Databricks workspaces, stores and keys."""

from __future__ import annotations

from collections.abc import Iterable

from posture.adapters.azure.calls import CALLS, SIGN_IN
from posture.adapters.azure.ids import subscription_of
from posture.adapters.azure.live.arm import IDENTITY, Arm, Connection
from posture.adapters.azure.live.keys import read_key
from posture.adapters.azure.live.limits import Limits
from posture.adapters.azure.live.places import Places
from posture.adapters.azure.live.workspaces import list_workspaces, read_workspace
from posture.adapters.azure.normalise import others, sources
from posture.adapters.azure.normalise.refs import source_ref
from posture.adapters.azure.stores import Stores
from posture.adapters.wing import Followed
from posture.errors import CredentialError
from posture.model.assessment import IdentityUse, Unlooked
from posture.model.contributions import KeyContribution, SourceContribution
from posture.model.facts import Gap, Listing, Unknown
from posture.model.leads import Found, KeyRef, Lead, RoleRef, SourceRef, StoreRef, Target
from posture.model.settings import Settings
from posture.model.subjects import Kind, LogSource, Provider
from posture.reading import Answered, Call, Reading

_SIGN_IN = (
    "sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or a certificate, or "
    "workload identity); `az account show` shows who you are"
)
_KINDS = frozenset({Kind.STORAGE_ACCOUNT, Kind.EVENT_HUB, Kind.LOG_ANALYTICS})
_AZURE_HOSTS = (".azuredatabricks.net", ".databricks.azure.us", ".databricks.azure.cn")


class AzureWing:
    """Reads Azure as the one identity that the SDK's chain of credentials finds."""

    def __init__(self, settings: Settings, *, limits: Limits | None = None) -> None:
        self._settings = settings
        self._connection = Connection(settings, limits or Limits())
        self._account_asked = any(_on_azure(access.host) for access in settings.databricks)

    @property
    def provider(self) -> Provider:
        """Azure."""
        return Provider.AZURE

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every operation of the wing."""
        return CALLS

    def handles(self, target: Target) -> bool:
        """Sources by their ids, stores that Azure Monitor delivers to, and keys of Key Vault; but no partner's."""
        match target:
            case SourceRef(provider=Provider.AZURE) | KeyRef(provider=Provider.AZURE):
                return True
            case StoreRef(provider=Provider.AZURE, kind=kind):
                return kind in _KINDS
            case _:
                return False

    def check_credentials(self, reading: Reading) -> None:
        """Raises CredentialError when nobody is there to ask as, or somebody of another tenant; makes one call."""
        wanted = self._connection.access.tenant.lower()
        match Arm(self._connection, reading).sign_in():
            case Unknown() as unknown:
                raise CredentialError(f"no usable credentials for Azure: {unknown.detail}", help=_SIGN_IN)
            case Answered(value={"tenant": str(tenant)}) if wanted and tenant.lower() != wanted:
                message = f"the credentials for Azure are of tenant {tenant}, and posture.yaml names {wanted}"
                raise CredentialError(message, help=f"sign in to that tenant: `az login --tenant {wanted}`")
            case _:
                return

    def identities(self, reading: Reading) -> tuple[IdentityUse, ...]:
        """Who asked, as the token says it."""
        kept = next((each for each in reading.kept() if each.operation == SIGN_IN.operation), None)
        if kept is None:
            return ()
        told = kept.answer or {}
        names = [str(told.get(name, "")) for name in ("name", "object")]
        return (
            IdentityUse(
                label=IDENTITY,
                provider=Provider.AZURE,
                principal=" ".join(name for name in names if name),
                account=str(told.get("tenant", "")),
            ),
        )

    def follow(self, lead: Lead, reading: Reading) -> Followed:
        """Reads one source, store or key."""
        arm = Arm(self._connection, reading)
        match lead.target:
            case SourceRef(account_id="") as ref:
                return self._tenant(ref, arm)
            case SourceRef(account_id=identity) as ref if subscription_of(identity):
                return sources.workspace(ref, read_workspace(arm, identity), arm.cloud)
            case SourceRef() as ref:
                return _subscription(ref, arm)
            case StoreRef() as ref:
                return Stores(arm, Places(arm), self._settings.trust).follow(ref, lead)
            case KeyRef() as ref:
                return Followed(contributions=(self._key(ref, arm),))
            case RoleRef():
                return Followed()

    def _tenant(self, ref: SourceRef, arm: Arm) -> Followed:
        """Every subscription is a lead of its own. The Databricks account of the tenant is a row, asked or not."""
        places = Places(arm)
        subscriptions = places.subscriptions()
        signed = arm.sign_in()
        tenant = str(signed.value.get("tenant", "")) if isinstance(signed, Answered) else ""
        rows = () if self._account_asked else (sources.account(ref, self._connection.access.tenant or tenant),)
        leads = tuple(
            Lead(target=source_ref(each), found=Found(how=f"subscription {each}"), account=each)
            for each in subscriptions.items
        )
        return _looked(ref, rows, subscriptions.gaps, "the list of subscriptions", leads)

    def _key(self, ref: KeyRef, arm: Arm) -> KeyContribution:
        places = Places(arm)
        config = read_key(arm, places, ref.key_id, ref.account)
        return others.key(ref, config, Stores(arm, places, self._settings.trust).key(config, ref))


def _subscription(ref: SourceRef, arm: Arm) -> Followed:
    """Every workspace of a subscription is a lead of its own."""
    workspaces = list_workspaces(arm, ref.account_id)
    leads = tuple(
        Lead(
            target=source_ref(each),
            found=Found(how=f"workspace of subscription {ref.account_id}"),
            account=ref.account_id,
        )
        for each in workspaces.items
    )
    return _looked(ref, (), workspaces.gaps, f"the workspaces of subscription {ref.account_id}", leads)


def _looked(
    ref: SourceRef, rows: Iterable[LogSource], gaps: tuple[Gap, ...], what: str, leads: tuple[Lead, ...]
) -> Followed:
    """A source of sources: it has no deliveries of its own, and what it could not list is a gap in all."""
    return Followed(
        contributions=(
            SourceContribution(
                ref=ref,
                cloud=Provider.AZURE,
                sources=Listing(items=tuple(rows), gaps=gaps),
                deliveries=Listing(items=(), gaps=gaps),
                workspace_stores=Listing(items=(), gaps=gaps),
                workspace_accounts=Listing(items=(), gaps=gaps),
            ),
        ),
        leads=leads,
        unlooked=tuple(Unlooked(what=what, unknown=gap.unknown) for gap in gaps[:1]),
    )


def _on_azure(host: str) -> bool:
    return host.rstrip("/").endswith(_AZURE_HOSTS)
