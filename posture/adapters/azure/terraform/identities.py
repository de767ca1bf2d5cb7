"""How resources of a plan name each other: the kinds of hashicorp/azurerm and the attributes that are names of one."""

from __future__ import annotations

from posture.terraform.inventory import Identity

_ID = ("id",)


def _lowered(name: str) -> str:
    """Ids and names of Azure compare without regard to case."""
    return name.lower().rstrip("/")


def _service(name: str) -> str:
    """The account around its blob service, or one of its containers; other services of it are not meant."""
    lowered = _lowered(name)
    return lowered.partition("/blobservices/")[0]


def _of(*kinds: str, attributes: tuple[str, ...] = _ID) -> Identity:
    both = tuple(each for kind in kinds for each in (kind, f"data.{kind}"))
    return Identity(kinds=both, attributes=attributes, spelled=_lowered)


ACCOUNT = _of("azurerm_storage_account", attributes=("id", "name"))
SERVICE = Identity(kinds=ACCOUNT.kinds, attributes=("id",), spelled=_service)
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
