"""The dedicated cluster of a planned Log Analytics workspace, and the key that encrypts it."""

from __future__ import annotations

from typing import Final

from posture.adapters.azure.config import KeyInVault
from posture.adapters.azure.terraform import keys
from posture.adapters.azure.terraform.beside import every, gone, place_of, the_one
from posture.adapters.azure.terraform.identities import CLUSTER, LOG_ANALYTICS
from posture.adapters.azure.terraform.tools import Tools
from posture.frozen import dataclass
from posture.model.facts import Fact, Known, Unknown
from posture.terraform.place import Place
from posture.terraform.resources import Resource

_LINK: Final = "azurerm_log_analytics_linked_service"
_KEY: Final = "azurerm_log_analytics_cluster_customer_managed_key"
_LINKED: Final = "write_access_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster by its id, which is empty for none, and its resource where the plan holds it."""

    id: str = ""
    resource: Resource | None = None


def of_workspace(workspace: Resource, tools: Tools) -> Fact[Cluster]:
    """The cluster that a resource of its own links to; links to other services name none."""
    links = every(tools.plan, workspace, _LINK, ("workspace_id", "resource_id"), LOG_ANALYTICS)
    for link in links.items:
        found = _linked(place_of(link), tools)
        if isinstance(found, Unknown) or found.value.id:
            return found
    if links.gaps:
        return links.gaps[0].unknown
    if workspace.made or gone(tools.plan, workspace, _LINK, "workspace_id", LOG_ANALYTICS):
        return Known(value=Cluster(), sources=links.sources)
    return tools.context.log_analytics(tools.names.id(workspace)).cluster.map(lambda found: Cluster(id=found))


def key_of(cluster: Cluster, tools: Tools) -> Fact[KeyInVault | None]:
    """A cluster without a key of the customer is encrypted with Microsoft's."""
    if not cluster.id:
        return Known(value=None, sources=())
    if cluster.resource is None:
        return tools.context.cluster_key(cluster.id)
    found = the_one(tools.plan, cluster.resource, _KEY, "log_analytics_cluster_id", CLUSTER)
    if isinstance(found, Unknown):
        return found
    if found.value is not None:
        return keys.by_url(found.value.at("key_vault_key_id"), tools)
    if cluster.resource.made or gone(tools.plan, cluster.resource, _KEY, "log_analytics_cluster_id", CLUSTER):
        return Known(value=None, sources=found.sources)
    return tools.context.cluster_key(cluster.id)


def _linked(link: Place, tools: Tools) -> Fact[Cluster]:
    if link.resource is not None:
        match tools.plan.target(link.resource, _LINKED, identity=CLUSTER).fact:
            case Known(value=Resource() as found, sources=sources):
                return Known(value=Cluster(id=tools.names.id(found), resource=found), sources=sources)
            case Unknown() as unknown:
                return unknown
            case _:
                pass
    return link.text(_LINKED).map(lambda identity: Cluster(id=identity))
