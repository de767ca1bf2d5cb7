"""From the answers of one account to its sources, its deliveries, and leads to every place they name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from posture.adapters.databricks import config
from posture.adapters.databricks.config import CredentialConfig, DeliveryConfig, Read, StorageConfig, WorkspaceConfig
from posture.adapters.databricks.coverage import Coverage
from posture.adapters.databricks.normalise import contribution, roles, roots, storages, store_of, writer_of
from posture.adapters.wing import Followed
from posture.frozen import dataclass
from posture.model.assessment import Unlooked
from posture.model.contributions import DeliveryContribution, SourceContribution
from posture.model.facts import Gap, Known, Listing, Unknown
from posture.model.leads import Found, Lead, RoleRef, SourceRef
from posture.model.subjects import Kind, LogSource, Mode, Provider
from posture.model.trust import GOOGLE_DELIVERY
from posture.reading import Pages

_GOOGLE_CLOUD = ".gcp.databricks.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the account API answered. `host`, `cloud` and `account_id` are as signing in resolved them."""

    host: str
    cloud: str = ""  # of a snapshot that does not hold it yet, the host tells
    account_id: str
    log_delivery: Pages
    storage_configurations: Pages
    credentials: Pages
    workspaces: Pages
    networks: Pages

    def typed(self) -> Account:
        """The same with its objects typed."""
        return Account(
            host=self.host,
            cloud=self.cloud,
            account_id=self.account_id,
            mode=Mode.LIVE,
            deliveries=config.read(self.log_delivery, config.delivery),
            storage=config.read(self.storage_configurations, config.storage),
            credentials=config.read(self.credentials, config.credential),
            workspaces=config.read(self.workspaces, config.workspace),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one account has, whether the API says so or a plan."""

    host: str
    cloud: str = ""  # empty: as the host says
    account_id: str
    mode: Mode
    deliveries: Read[DeliveryConfig]
    storage: Read[StorageConfig]
    credentials: Read[CredentialConfig]
    workspaces: Read[WorkspaceConfig]


Wanted = Callable[[DeliveryConfig, DeliveryContribution], bool]


def discover(ref: SourceRef, account: Account, as_of: datetime, wanted: Wanted = lambda *_: True) -> Followed:
    """Everything that one account says; a listing that could not be read is a gap, and never no items.

    Only the deliveries that are `wanted` lead to places.
    """
    on_google = account.cloud == "gcp" or account.host.rstrip("/").endswith(_GOOGLE_CLOUD)
    provider = Provider.GCP if on_google else Provider.AWS
    storage, credentials = storages(account.storage), roles(account.credentials)
    configs, workspaces = account.deliveries, account.workspaces
    living = roots(workspaces, storage, credentials, provider)
    deliveries = tuple(
        contribution(
            item,
            store=store_of(item.storage, item.prefix, storage, provider),
            writer=writer_of(item.credentials, credentials, provider),
            roots=living,
            as_of=as_of,
        )
        for item in configs.items
    )
    pairs = zip(configs.items, deliveries, strict=True)
    audit = tuple(pair for pair in pairs if _may_be_audit(pair[1]) and wanted(*pair))
    return Followed(
        contributions=(
            SourceContribution(
                ref=ref,
                cloud=provider,
                sources=_sources(account, deliveries, provider),
                deliveries=Listing(items=deliveries, gaps=_gaps(configs.gap), sources=(configs.source,)),
                workspace_stores=living.stores,
                workspace_accounts=living.accounts,
            ),
        ),
        leads=(*_store_leads(audit), *_role_leads(audit)),
        unlooked=(*_unlisted(account), *_unfollowed(audit)),
    )


def _sources(account: Account, deliveries: tuple[DeliveryContribution, ...], cloud: Provider) -> Listing[LogSource]:
    workspaces = account.workspaces
    coverage = Coverage(account.deliveries, (item.configuration for item in deliveries), workspaces, cloud)
    whole = LogSource(
        provider=Provider.DATABRICKS,
        kind=Kind.ACCOUNT,
        uri=f"databricks://{account.account_id}",
        name=account.account_id,
        mode=account.mode,
        delivery=coverage.of_account(),
    )
    rows = (
        LogSource(
            provider=Provider.DATABRICKS,
            kind=Kind.WORKSPACE,
            uri=workspace_uri(account.account_id, workspace.id),
            name=workspace.name,
            mode=account.mode,
            delivery=coverage.of_workspace(workspace),
        )
        for workspace in workspaces.items
    )
    return Listing(items=(whole, *rows), gaps=_gaps(workspaces.gap), sources=(workspaces.source,))


def workspace_uri(account_id: str, workspace: int | str) -> str:
    """The identity of a workspace as a source."""
    return f"databricks://{account_id}/workspaces/{workspace}"


def _gaps(unknown: Unknown | None) -> tuple[Gap, ...]:
    return () if unknown is None else (Gap(unknown=unknown),)


def _may_be_audit(item: DeliveryContribution) -> bool:
    return isinstance(item.audit, Unknown) or item.audit.value


def _store_leads(audit: Iterable[tuple[DeliveryConfig, DeliveryContribution]]) -> Iterator[Lead]:
    for native, item in audit:
        if isinstance(item.store, Known):
            yield Lead(target=item.store.value, found=Found(how=_words(native), source=native.source))


def _role_leads(audit: Iterable[tuple[DeliveryConfig, DeliveryContribution]]) -> Iterator[Lead]:
    """One lead a role: a thousand configurations may share it, and their stores say so already."""
    seen: set[str] = set()
    for native, item in audit:
        if isinstance(item.writer, Known) and item.writer.value not in seen:
            arn = item.writer.value
            seen.add(arn)
            account = config.account_of_role(arn)
            if arn == GOOGLE_DELIVERY:  # Databricks' own, of which nobody else can read anything
                continue
            yield Lead(
                target=RoleRef(provider=Provider.AWS, arn=arn, account=account),
                found=Found(how=f"writer of {_words(native)}", source=native.source),
                account=account,
            )


def _unlisted(account: Account) -> Iterator[Unlooked]:
    """Listings that were not read to their end. A plan is of a part of an account, and nobody asks it for the rest."""
    if account.mode is Mode.PLANNED:
        return
    if account.deliveries.gap is not None:
        what = f"log-delivery configurations of Databricks account {account.account_id}"
        yield Unlooked(what=what, unknown=account.deliveries.gap)
    if account.workspaces.gap is not None:
        yield Unlooked(what=f"workspaces of Databricks account {account.account_id}", unknown=account.workspaces.gap)


def _unfollowed(audit: Iterable[tuple[DeliveryConfig, DeliveryContribution]]) -> Iterator[Unlooked]:
    for native, item in audit:
        if isinstance(item.store, Unknown):
            yield Unlooked(what=f"store of {_words(native)}", unknown=item.store)


def _words(native: DeliveryConfig) -> str:
    state = native.enabled.map(lambda enabled: "ENABLED" if enabled else "DISABLED")
    words = state.value if isinstance(state, Known) else "status unknown"
    doubt = ", log type unknown" if isinstance(native.audit, Unknown) else ""
    return f"log-delivery configuration `{native.label}` ({words}{doubt})"
