"""How resources of a plan name each other: the kinds of hashicorp/azurerm and the attributes that are names of one."""

from __future__ import annotations

from collections.abc import Mapping

from posture.adapters.azure.ids import name_of, parent_of
from posture.adapters.planned import Beside
from posture.terraform.inventory import Identity

_ID = ("id",)


def _lowered(name: str) -> str:
    """Ids and names of Azure compare without regard to case."""
    return name.lower().rstrip("/")


def _account(name: str) -> str:
    """A storage account by its name, which is the only one of Azure's, also where its id says it."""
    lowered = _lowered(name)
    _, _, last = lowered.partition("/storageaccounts/")
    return last if last and "/" not in last else lowered


def _service(name: str) -> str:
    """The account around its blob service, or one of its containers; other services of it are not meant."""
    return _account(_lowered(name).partition("/blobservices/")[0])


def _of(*kinds: str, attributes: tuple[str, ...] = _ID) -> Identity:
    both = tuple(each for kind in kinds for each in (kind, f"data.{kind}"))
    return Identity(kinds=both, attributes=attributes, spelled=_lowered)


ACCOUNT = Identity(
    kinds=("azurerm_storage_account", "data.azurerm_storage_account"), attributes=("name", "id"), spelled=_account
)
SERVICE = Identity(kinds=ACCOUNT.kinds, attributes=ACCOUNT.attributes, spelled=_service)


def _told(text: str) -> Mapping[str, str]:
    """A storage account by its id, that of its blob service or of a container, or by its name."""
    if "/" not in text:
        return {"name": text}
    whole = parent_of(text, "storageAccounts")
    own = whole if _service(text) == name_of(whole).lower() else ""
    return (
        {"name": name_of(whole), "id": whole, "resource_group_name": name_of(parent_of(whole, "resourceGroups"))}
        if own
        else {}
    )


BESIDE = Beside(
    identity=SERVICE,
    kinds={
        **dict.fromkeys(
            (
                *("azurerm_storage_account_network_rules", "azurerm_storage_account_customer_managed_key"),
                *("azurerm_storage_account_static_website", "azurerm_storage_account_local_user"),
                *("azurerm_storage_management_policy", "azurerm_storage_encryption_scope"),
                "azurerm_security_center_storage_defender",
            ),
            ("storage_account_id",),
        ),
        "azurerm_storage_container": ("storage_account_id", "storage_account_name"),
        "azurerm_storage_container_immutability_policy": ("storage_container_resource_manager_id",),
        "azurerm_storage_object_replication": ("source_storage_account_id",),
        "azurerm_monitor_diagnostic_setting": ("target_resource_id",),
        "azurerm_role_assignment": ("scope",),
        "azurerm_management_lock": ("scope",),
    },
    told=_told,
    scheme="https://",
)
CONTAINER = _of("azurerm_storage_container", attributes=("id", "resource_manager_id"))
SCOPE = _of("azurerm_storage_encryption_scope", attributes=("id", "name"))
WORKSPACE = _of("azurerm_databricks_workspace")
LOG_ANALYTICS = _of("azurerm_log_analytics_workspace")
CLUSTER = _of("azurerm_log_analytics_cluster")
NAMESPACE = _of("azurerm_eventhub_namespace", attributes=("id", "name"))
HUB = _of("azurerm_eventhub", attributes=("name", "id"))
RULE = _of("azurerm_eventhub_namespace_authorization_rule", attributes=("id",))
VAULT = _of("azurerm_key_vault", attributes=("id", "vault_uri"))
KEY = _of("azurerm_key_vault_key", attributes=("versionless_id", "id", "resource_versionless_id", "resource_id"))
GROUP = _of("azurerm_resource_group", attributes=("id", "name"))
SUBSCRIPTION = Identity(
    kinds=("data.azurerm_subscription", "azurerm_subscription"),
    attributes=("id", "subscription_id"),
    spelled=_lowered,
)
ROLE = Identity(
    kinds=("azurerm_role_definition", "data.azurerm_role_definition"),
    attributes=("role_definition_resource_id", "id", "role_definition_id"),
    spelled=_lowered,
)
IDENTITY = _of("azurerm_user_assigned_identity", attributes=("principal_id", "id", "client_id"))
