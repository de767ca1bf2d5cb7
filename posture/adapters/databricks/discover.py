"""From the answers of one account to its sources, its deliveries, and leads to every place they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from posture.adapters.databricks import config
from posture.adapters.databricks.config import DeliveryConfig, Read, WorkspaceConfig
from posture.adapters.databricks.coverage import Coverage
from posture.adapters.databricks.normalise import contribution, roles, roots, storages, store_of, writer_of
from posture.adapters.wing import Followed
from posture.model.assessment import Unlooked
from posture.model.contributions import DeliveryContribution, SourceContribution
from posture.model.facts import Gap, Known, Listing, Unknown
from posture.model.leads import Found, Lead, RoleRef, SourceRef
from posture.model.subjects import Kind, LogSource, Mode, Provider
from posture.reading import Pages

_GOOGLE_CLOUD = ".gcp.databricks.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the account API answered. `host` and `account_id` are as signing in resolved them."""

    host: str
    account_id: str
    log_delivery: Pages
    storage_configurations: Pages
    credentials: Pages
    workspaces: Pages
    networks: Pages


def discover(ref: SourceRef, answers: Answers, as_of: datetime) -> Followed:
    """Everything that one account says; a listing that could not be read is a gap, and never no items."""
    provider = Provider.GCP if answers.host.rstrip("/").endswith(_GOOGLE_CLOUD) else Provider.AWS
    storage = storages(config.read(answers.storage_configurations, config.storage))
    credentials = roles(config.read(answers.credentials, config.credential))
    workspaces = config.read(answers.workspaces, config.workspace)
    configs = config.read(answers.log_delivery, config.delivery)
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
    audit = tuple(pair for pair in zip(configs.items, deliveries, strict=True) if _may_be_audit(pair[1]))
    return Followed(
        contributions=(
            SourceContribution(
                ref=ref,
                sources=_sources(answers.account_id, configs, deliveries, workspaces),
                deliveries=Listing(items=deliveries, gaps=_gaps(configs.gap), sources=(configs.source,)),
                workspace_stores=living.stores,
                workspace_accounts=living.accounts,
            ),
        ),
        leads=(*_store_leads(audit), *_role_leads(audit)),
        unlooked=tuple(_unlooked(answers.account_id, configs.gap, workspaces.gap, audit)),
    )


def _sources(
    account_id: str,
    configs: Read[DeliveryConfig],
    deliveries: tuple[DeliveryContribution, ...],
    workspaces: Read[WorkspaceConfig],
) -> Listing[LogSource]:
    coverage = Coverage(configs, (item.configuration for item in deliveries), workspaces)
    account = LogSource(
        provider=Provider.DATABRICKS,
        kind=Kind.ACCOUNT,
        uri=f"databricks://{account_id}",
        name=account_id,
        mode=Mode.LIVE,
        delivery=coverage.of_account(),
    )
    rows = (
        LogSource(
            provider=Provider.DATABRICKS,
            kind=Kind.WORKSPACE,
            uri=f"{account.uri}/workspaces/{workspace.id}",
            name=workspace.name,
            mode=Mode.LIVE,
            delivery=coverage.of_workspace(workspace),
        )
        for workspace in workspaces.items
    )
    return Listing(items=(account, *rows), gaps=_gaps(workspaces.gap), sources=(workspaces.source,))


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
            yield Lead(
                target=RoleRef(provider=Provider.AWS, arn=arn, account=account),
                found=Found(how=f"writer of {_words(native)}", source=native.source),
                account=account,
            )


def _unlooked(
    account_id: str,
    deliveries: Unknown | None,
    workspaces: Unknown | None,
    audit: Iterable[tuple[DeliveryConfig, DeliveryContribution]],
) -> Iterator[Unlooked]:
    if deliveries is not None:
        yield Unlooked(what=f"log-delivery configurations of Databricks account {account_id}", unknown=deliveries)
    if workspaces is not None:
        yield Unlooked(what=f"workspaces of Databricks account {account_id}", unknown=workspaces)
    for native, item in audit:
        if isinstance(item.store, Unknown):
            yield Unlooked(what=f"store of {_words(native)}", unknown=item.store)


def _words(native: DeliveryConfig) -> str:
    state = native.enabled.map(lambda enabled: "ENABLED" if enabled else "DISABLED")
    words = state.value if isinstance(state, Known) else "status unknown"
    doubt = ", log type unknown" if isinstance(native.audit, Unknown) else ""
    return f"log-delivery configuration `{native.label}` ({words}{doubt})"
