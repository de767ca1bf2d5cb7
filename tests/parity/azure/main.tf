# A workspace that delivers to a well kept storage account and to a neglected one, with what stands beside them.
terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm" }
  }
}

provider "azurerm" {
  subscription_id = "00000000-0000-0000-0000-0000000000aa"
  tenant_id       = "11111111-aaaa-4aaa-8aaa-000000000001"
  features {}
}

resource "azurerm_resource_group" "audit" {
  name     = "audit"
  location = "westeurope"
}

resource "azurerm_databricks_workspace" "analytics" {
  name                = "analytics"
  resource_group_name = azurerm_resource_group.audit.name
  location            = azurerm_resource_group.audit.location
  sku                 = "premium"
  custom_parameters {
    storage_account_name = "dbstorageanalytics"
  }
}

resource "azurerm_storage_account" "kept" {
  name                              = "acmekept"
  resource_group_name               = azurerm_resource_group.audit.name
  location                          = azurerm_resource_group.audit.location
  account_tier                      = "Standard"
  account_replication_type          = "GZRS"
  allow_nested_items_to_be_public   = false
  shared_access_key_enabled         = false
  local_user_enabled                = false
  infrastructure_encryption_enabled = true
  tags                              = { team = "security", purpose = "audit" }

  blob_properties {
    versioning_enabled  = true
    change_feed_enabled = true
    delete_retention_policy {
      days = 30
    }
    container_delete_retention_policy {
      days = 14
    }
  }
}

resource "azurerm_storage_account_network_rules" "kept" {
  storage_account_id         = azurerm_storage_account.kept.id
  default_action             = "Deny"
  bypass                     = ["AzureServices"]
  ip_rules                   = ["203.0.113.0/28"]
  virtual_network_subnet_ids = []
}

resource "azurerm_storage_container" "kept" {
  name                     = "insights-logs-accounts"
  storage_account_id       = azurerm_storage_account.kept.id
  default_encryption_scope = azurerm_storage_encryption_scope.kept.name
}

resource "azurerm_storage_encryption_scope" "kept" {
  name               = "logs"
  storage_account_id = azurerm_storage_account.kept.id
  source             = "Microsoft.KeyVault"
  key_vault_key_id   = azurerm_key_vault_key.logs.versionless_id
}

resource "azurerm_private_endpoint" "kept" {
  name                = "kept"
  resource_group_name = azurerm_resource_group.audit.name
  location            = azurerm_resource_group.audit.location
  subnet_id           = "/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub/subnets/logs"
  private_service_connection {
    name                           = "kept"
    is_manual_connection           = false
    private_connection_resource_id = azurerm_storage_account.kept.id
    subresource_names              = ["blob"]
  }
}

resource "azurerm_security_center_subscription_pricing" "storage" {
  tier          = "Standard"
  resource_type = "StorageAccounts"
  subplan       = "DefenderForStorageV2"
}

resource "azurerm_eventhub_namespace" "siem" {
  name                         = "acme-siem"
  resource_group_name          = azurerm_resource_group.audit.name
  location                     = azurerm_resource_group.audit.location
  sku                          = "Standard"
  local_authentication_enabled = true
  network_rulesets {
    default_action                 = "Deny"
    trusted_service_access_enabled = true
    ip_rule {
      ip_mask = "203.0.113.0/28"
    }
  }
}

resource "azurerm_eventhub" "logs" {
  name              = "logs"
  namespace_id      = azurerm_eventhub_namespace.siem.id
  partition_count   = 2
  message_retention = 7
}

resource "azurerm_eventhub_namespace_authorization_rule" "send" {
  name                = "send"
  namespace_name      = azurerm_eventhub_namespace.siem.name
  resource_group_name = azurerm_resource_group.audit.name
  send                = true
}

resource "azurerm_storage_container_immutability_policy" "kept" {
  storage_container_resource_manager_id = azurerm_storage_container.kept.resource_manager_id
  immutability_period_in_days           = 400
  locked                                = true
  protected_append_writes_all_enabled   = true
}

resource "azurerm_storage_management_policy" "kept" {
  storage_account_id = azurerm_storage_account.kept.id
  rule {
    name    = "expire"
    enabled = true
    filters {
      blob_types   = ["appendBlob"]
      prefix_match = ["insights-logs-"]
    }
    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = 500
      }
      version {
        delete_after_days_since_creation = 600
      }
    }
  }
  rule {
    name    = "off"
    enabled = false
    filters {
      blob_types = ["appendBlob"]
    }
    actions {
      base_blob {
        delete_after_days_since_creation_greater_than = 1
      }
    }
  }
}

resource "azurerm_key_vault" "keys" {
  name                      = "vault"
  resource_group_name       = azurerm_resource_group.audit.name
  location                  = azurerm_resource_group.audit.location
  tenant_id                 = "11111111-aaaa-4aaa-8aaa-000000000001"
  sku_name                  = "premium"
  enable_rbac_authorization = true
  purge_protection_enabled  = true
}

resource "azurerm_key_vault_key" "logs" {
  name         = "logs"
  key_vault_id = azurerm_key_vault.keys.id
  key_type     = "RSA"
  key_size     = 3072
  key_opts     = ["wrapKey", "unwrapKey"]
  rotation_policy {
    automatic {
      time_before_expiry = "P30D"
    }
    expire_after = "P2Y"
  }
}

resource "azurerm_storage_account_customer_managed_key" "kept" {
  storage_account_id = azurerm_storage_account.kept.id
  key_vault_key_id   = azurerm_key_vault_key.logs.versionless_id
}

resource "azurerm_management_lock" "kept" {
  name       = "keep"
  scope      = azurerm_storage_account.kept.id
  lock_level = "CanNotDelete"
}

resource "azurerm_role_assignment" "reader" {
  scope                = azurerm_storage_account.kept.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = "00000000-0000-0000-0000-0000000000f1"
  principal_type       = "ServicePrincipal"
}

resource "azurerm_log_analytics_workspace" "siem" {
  name                         = "siem"
  resource_group_name          = azurerm_resource_group.audit.name
  location                     = azurerm_resource_group.audit.location
  retention_in_days            = 90
  local_authentication_enabled = false
  internet_query_enabled       = false
}

resource "azurerm_storage_account" "old" {
  name                            = "acmeold"
  resource_group_name             = azurerm_resource_group.audit.name
  location                        = azurerm_resource_group.audit.location
  account_tier                    = "Standard"
  account_replication_type        = "LRS"
  min_tls_version                 = "TLS1_0"
  https_traffic_only_enabled      = false
  cross_tenant_replication_enabled = true
}

resource "azurerm_storage_container" "old" {
  name                  = "insights-logs-jobs"
  storage_account_id    = azurerm_storage_account.old.id
  container_access_type = "container"
}

resource "azurerm_monitor_diagnostic_setting" "all" {
  name               = "all"
  target_resource_id = azurerm_databricks_workspace.analytics.id
  storage_account_id = azurerm_storage_account.kept.id
  enabled_log {
    category_group = "allLogs"
  }
}

resource "azurerm_monitor_diagnostic_setting" "some" {
  name                       = "some"
  target_resource_id         = azurerm_databricks_workspace.analytics.id
  storage_account_id         = azurerm_storage_account.old.id
  log_analytics_workspace_id = azurerm_log_analytics_workspace.siem.id
  eventhub_authorization_rule_id = azurerm_eventhub_namespace_authorization_rule.send.id
  eventhub_name                  = azurerm_eventhub.logs.name
  enabled_log {
    category = "jobs"
  }
}

resource "azurerm_monitor_diagnostic_setting" "watch" {
  name                       = "watch"
  target_resource_id         = "${azurerm_storage_account.kept.id}/blobServices/default"
  log_analytics_workspace_id = azurerm_log_analytics_workspace.siem.id
  enabled_log {
    category = "StorageRead"
  }
  enabled_log {
    category = "StorageWrite"
  }
  enabled_log {
    category = "StorageDelete"
  }
}
