"""A Databricks account on Azure: it lists workspaces and nothing of their deliveries, which Azure Monitor makes."""

from __future__ import annotations

from collections.abc import Iterator

from posture.adapters.databricks.config import Read
from posture.adapters.databricks.members import Members
from posture.adapters.wing import Followed
from posture.model.assessment import Unlooked
from posture.model.contributions import SourceContribution
from posture.model.facts import Gap, Listing, Reason, Unknown
from posture.model.leads import Found, Lead, SourceRef
from posture.model.subjects import Kind, LogSource, Mode, Provider, SourceDelivery

HOSTS = (".azuredatabricks.net", ".databricks.azure.us", ".databricks.azure.cn")
_ACCOUNT_EVENTS = Unknown(
    reason=Reason.NOT_COLLECTED,
    detail="on Azure the events of the account are in no diagnostic setting, and whether the system table keeps them "
    "was not read",
    needs="the schema `access` enabled in Unity Catalog, and somebody who looks at system.access.audit",
)
_PER_WORKSPACE = Unknown(
    reason=Reason.UNSUPPORTED, detail="on Azure each workspace delivers by settings of its own: see its row"
)


def workspace_id(found: Members) -> str | None:
    """The resource id of a workspace; one that does not say where it lies cannot be followed, and is a gap."""
    where = found.inner("azure_workspace_info")
    subscription, group = where.word("subscription_id"), where.word("resource_group")
    name = found.word("workspace_name")
    if not subscription or not group or not name:
        return None
    groups = f"/subscriptions/{subscription}/resourcegroups/{group}"
    return f"{groups}/providers/microsoft.databricks/workspaces/{name}".lower()


def discover_on_azure(ref: SourceRef, account_id: str, workspaces: Read[str]) -> Followed:
    """The account as a row, and a lead to each of its workspaces."""
    gaps = () if workspaces.gap is None else (Gap(unknown=workspaces.gap),)
    row = LogSource(
        provider=Provider.AZURE,
        kind=Kind.ACCOUNT,
        uri=f"databricks://{account_id}",
        name=account_id,
        mode=Mode.LIVE,
        delivery=SourceDelivery(
            enabled=_ACCOUNT_EVENTS,
            covers_account_events=_ACCOUNT_EVENTS,
            covers_all_workspaces=_PER_WORKSPACE,
            configurations=Listing(items=()),
        ),
    )
    sources = (workspaces.source,)
    return Followed(
        contributions=(
            SourceContribution(
                ref=ref,
                cloud=Provider.AZURE,
                sources=Listing(items=(row,), gaps=gaps, sources=sources),
                deliveries=Listing(items=(), gaps=gaps, sources=sources),
                workspace_stores=Listing(items=(), gaps=gaps, sources=sources),
                workspace_accounts=Listing(items=(), gaps=gaps, sources=sources),
            ),
        ),
        leads=tuple(_leads(workspaces)),
        unlooked=tuple(
            Unlooked(what=f"workspaces of Databricks account {account_id}", unknown=g.unknown) for g in gaps
        ),
    )


def _leads(workspaces: Read[str]) -> Iterator[Lead]:
    for identity in workspaces.items:
        yield Lead(
            target=SourceRef(provider=Provider.AZURE, host="", account_id=identity),
            found=Found(how="workspace of the Databricks account", source=workspaces.source),
            account=identity.split("/")[2],
        )
