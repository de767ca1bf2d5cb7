"""A Databricks workspace and its diagnostic settings as a source of logs, with leads to where they go."""

from __future__ import annotations

from posture.adapters.azure.cloud import Cloud
from posture.adapters.azure.config import DiagnosticSetting, WorkspaceConfig
from posture.adapters.azure.ids import subscription_of
from posture.adapters.azure.normalise.refs import destinations, storage_ref
from posture.adapters.azure.normalise.words import region
from posture.adapters.wing import Followed
from posture.model.assessment import Unlooked
from posture.model.contributions import ANYWHERE, DeliveryContribution, SourceContribution
from posture.model.facts import Fact, Known, Listing, Reason, Unknown
from posture.model.leads import Found, Lead, SourceRef, StoreRef
from posture.model.subjects import (
    Configuration,
    Kind,
    LogCategory,
    LogSource,
    Mode,
    Provider,
    SourceDelivery,
)

# Microsoft: supported logs of Microsoft.Databricks/workspaces, and the table DatabricksWorkspaceLogs
CATEGORIES = (
    *("accounts", "Apps", "BrickStoreHttpGateway", "BudgetPolicyCentral", "capsule8Dataplane", "clamAVScan"),
    *("CloudStorageMetadata", "clusterLibraries", "ClusterPolicies", "clusters", "Dashboards", "databrickssql"),
    *("DataMonitoring", "DataRooms", "dbfs", "deltaPipelines", "featureStore", "Files", "Filesystem", "genie"),
    *("gitCredentials", "globalInitScripts", "iamRole", "Ingestion", "instancePools", "jobs", "LakeviewConfig"),
    *("LineageTracking", "MarketplaceConsumer", "mlflowAcledArtifact", "mlflowExperiment", "modelRegistry", "notebook"),
    *("partnerHub", "PredictiveOptimization", "RemoteHistoryService", "repos", "secrets"),
    *("serverlessRealTimeInference", "sqlanalytics", "sqlPermissions", "ssh", "unityCatalog", "webTerminal"),
    "workspace",
)
_ALL = "alllogs"
ACCOUNT_EVENTS = Unknown(
    reason=Reason.NOT_COLLECTED,
    detail="on Azure the events of the account are in no diagnostic setting, and whether the system table keeps them "
    "was not read",
    needs="the schema `access` enabled in Unity Catalog, and somebody who looks at system.access.audit",
)
_NO_WORD = Unknown(reason=Reason.UNSUPPORTED, detail="Azure Monitor does not say how a delivery went")
_PER_WORKSPACE = Unknown(
    reason=Reason.UNSUPPORTED, detail="on Azure each workspace delivers by settings of its own: see its row"
)
_IN_REGION = frozenset({Kind.STORAGE_ACCOUNT, Kind.EVENT_HUB})
"""What a workspace, which is of a Region, delivers to only there. Source: Microsoft, as of receives in storage.py."""
_NO: Fact[bool] = Known(value=False, sources=())


def workspace(ref: SourceRef, config: WorkspaceConfig, cloud: Cloud) -> Followed:
    """Everything that one workspace says."""
    own = _own_storage(config, cloud)
    deliveries = tuple(
        _delivery(setting, store, own, ref.account_id, config.region.map(region))
        for setting in _delivering(config)
        for store, _, _ in destinations(setting, cloud)
    )
    gaps = config.settings.gaps
    source = LogSource(
        provider=Provider.AZURE,
        kind=Kind.WORKSPACE,
        uri=f"azure:/{ref.account_id}",
        name=config.name,
        mode=Mode.LIVE,
        delivery=SourceDelivery(
            enabled=_enabled(config, deliveries),
            covers_account_events=ACCOUNT_EVENTS,
            covers_all_workspaces=_PER_WORKSPACE,
            configurations=Listing(
                items=tuple(each.configuration for each in deliveries), gaps=gaps, sources=config.settings.sources
            ),
            categories=categories(config),
        ),
    )
    return Followed(
        contributions=(
            SourceContribution(
                ref=ref,
                cloud=Provider.AZURE,
                sources=Listing(items=(source,), sources=config.settings.sources),
                deliveries=Listing(items=deliveries, gaps=gaps, sources=config.settings.sources),
                workspace_stores=own,
                workspace_accounts=Listing(items=(subscription_of(ref.account_id),)),
            ),
        ),
        leads=tuple(_leads(config, cloud)),
        unlooked=tuple(
            Unlooked(what=f"diagnostic settings of workspace {config.name}", unknown=gap.unknown) for gap in gaps[:1]
        ),
    )


def account(ref: SourceRef, tenant: str) -> LogSource:
    """The one Databricks account of a tenant, where nobody asks the account itself."""
    return LogSource(
        provider=Provider.AZURE,
        kind=Kind.ACCOUNT,
        uri=f"azure://tenants/{tenant}" if tenant else f"azure://{ref.account_id or 'tenant'}",
        name=f"Databricks account of tenant {tenant}" if tenant else "Databricks account",
        mode=Mode.LIVE,
        delivery=SourceDelivery(
            enabled=ACCOUNT_EVENTS,
            covers_account_events=ACCOUNT_EVENTS,
            covers_all_workspaces=_PER_WORKSPACE,
            configurations=Listing(items=()),
            categories=Listing(items=()),
        ),
    )


def categories(config: WorkspaceConfig) -> Listing[LogCategory]:
    """Every documented category and every one that a setting names, each delivered or not by any setting."""
    delivering = _delivering(config)
    everything = any(_ALL in setting.groups for setting in delivering)
    enabled = {name.lower() for setting in delivering for name in setting.categories}
    named = dict.fromkeys((*CATEGORIES, *(name for setting in config.settings.items for name in setting.categories)))
    names = {name.lower(): name for name in named}
    sources = config.settings.sources
    seen = []
    for lowered, name in names.items():
        on: Fact[bool] = Known(value=everything or lowered in enabled, sources=sources)
        if not (everything or lowered in enabled) and config.settings.gaps:
            on = config.settings.gaps[0].unknown
        seen.append(LogCategory(name=Known(value=name, sources=sources), enabled=on))
    return Listing(items=tuple(seen), sources=sources)


def _delivering(config: WorkspaceConfig) -> list[DiagnosticSetting]:
    """A setting for metrics only, or without a destination, delivers no logs."""
    return [each for each in config.settings.items if each.destinations and (each.categories or each.groups)]


def _enabled(config: WorkspaceConfig, deliveries: tuple[DeliveryContribution, ...]) -> Fact[bool]:
    if deliveries or not config.settings.gaps:
        return Known(value=bool(deliveries), sources=config.settings.sources)
    return config.settings.gaps[0].unknown


def _own_storage(config: WorkspaceConfig, cloud: Cloud) -> Listing[StoreRef]:
    match config.own_storage:
        case Unknown() as unknown:
            return Listing.unread(unknown)
        case Known(value=name, sources=sources):
            return Listing(items=(storage_ref(name, cloud),) if name else (), sources=sources)


def _delivery(
    setting: DiagnosticSetting, store: StoreRef, own: Listing[StoreRef], workspace_id: str, home: Fact[str]
) -> DeliveryContribution:
    def known(value: str) -> Fact[str]:
        return Known(value=value, sources=(setting.source,))

    shares: Fact[bool] = Known(value=store in own.items, sources=own.sources)
    return DeliveryContribution(
        configuration=Configuration(
            name=known(setting.name),
            enabled=Known(value=True, sources=(setting.source,)),
            status=_NO_WORD,
            succeeding=_NO_WORD,
            hours_since_success=_NO_WORD,
            filtered=_NO,
            store=known(store.uri),
            shares_workspace_root=own.gaps[0].unknown if own.gaps else shares,
        ),
        store=Known(value=store, sources=(setting.source,)),
        writer=Known(value="", sources=()),  # Azure Monitor writes as itself, and holds no role
        audit=Known(value=True, sources=(setting.source,)),
        workspaces=Known(value=frozenset({workspace_id}), sources=(setting.source,)),
        categories=Known(value=_enabled_categories(setting), sources=(setting.source,)),
        region=home if store.kind in _IN_REGION else ANYWHERE,
    )


def _enabled_categories(setting: DiagnosticSetting) -> frozenset[str]:
    """Empty when it is all of them."""
    if _ALL in setting.groups:
        return frozenset()
    return frozenset((*(name.lower() for name in setting.categories), *(f"group {name}" for name in setting.groups)))


def _leads(config: WorkspaceConfig, cloud: Cloud) -> list[Lead]:
    return [
        Lead(
            target=store,
            found=Found(how=f"diagnostic setting `{setting.name}` of workspace {config.name}", source=setting.source),
            role=role,
            account=subscription_of(resource_id),
            resource_id=resource_id,
        )
        for setting in _delivering(config)
        for store, role, resource_id in destinations(setting, cloud)
    ]
