# Stores of audit logs in Azure and Google, with what belongs to them attached by id, by name and through a local value.
terraform {
  required_providers {
    azurerm    = { source = "hashicorp/azurerm" }
    databricks = { source = "databricks/databricks" }
    google     = { source = "hashicorp/google" }
  }
}

provider "azurerm" {
  features {}
}

provider "google" {
  project = "acme-logs"
}

# --- Azure ---

resource "azurerm_resource_group" "logs" {
  name     = "audit-logs"
  location = "westeurope"
}

resource "azurerm_storage_account" "logs" {
  name                            = "acmeauditlogs"
  resource_group_name             = azurerm_resource_group.logs.name
  location                        = azurerm_resource_group.logs.location
  account_tier                    = "Standard"
  account_replication_type        = "GRS"
  allow_nested_items_to_be_public = false
  shared_access_key_enabled       = false

  blob_properties {
    versioning_enabled = true
    delete_retention_policy {
      days = 30
    }
  }

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_storage_account" "old" {
  name                     = "acmeoldlogs"
  resource_group_name      = azurerm_resource_group.logs.name
  location                 = azurerm_resource_group.logs.location
  account_tier             = "Standard"
  account_replication_type = "LRS"
}

resource "azurerm_storage_container" "logs" {
  name               = "insights-logs-accounts"
  storage_account_id = azurerm_storage_account.logs.id
}

resource "azurerm_storage_container" "public" {
  name                  = "insights-logs-accounts"
  storage_account_name  = azurerm_storage_account.old.name
  container_access_type = "blob"
}

resource "azurerm_storage_container_immutability_policy" "logs" {
  storage_container_resource_manager_id = azurerm_storage_container.logs.resource_manager_id
  immutability_period_in_days           = 400
  locked                                = true
  protected_append_writes_all_enabled   = true
}

locals {
  account = azurerm_storage_account.logs.id
}

resource "azurerm_storage_account_network_rules" "logs" {
  storage_account_id = local.account
  default_action     = "Deny"
  bypass             = ["AzureServices", "Logging"]
  ip_rules           = ["203.0.113.0/24"]
}

resource "azurerm_key_vault" "logs" {
  name                       = "acme-audit-logs"
  resource_group_name        = azurerm_resource_group.logs.name
  location                   = azurerm_resource_group.logs.location
  tenant_id                  = "00000000-0000-0000-0000-00000000000b"
  sku_name                   = "standard"
  purge_protection_enabled   = true
  soft_delete_retention_days = 90
}

resource "azurerm_key_vault_key" "logs" {
  name         = "audit-logs"
  key_vault_id = azurerm_key_vault.logs.id
  key_type     = "RSA"
  key_size     = 2048
  key_opts     = ["wrapKey", "unwrapKey"]
}

resource "azurerm_storage_account_customer_managed_key" "logs" {
  storage_account_id = azurerm_storage_account.logs.id
  key_vault_key_id   = azurerm_key_vault_key.logs.versionless_id
}

resource "azurerm_storage_management_policy" "logs" {
  storage_account_id = azurerm_storage_account.logs.id
  rule {
    name    = "expire"
    enabled = true
    filters {
      blob_types   = ["blockBlob", "appendBlob"]
      prefix_match = ["insights-logs-accounts"]
    }
    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = 500
      }
    }
  }
}

resource "azurerm_role_assignment" "reader" {
  scope                = azurerm_storage_account.logs.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = "00000000-0000-0000-0000-0000000000f1"
}

resource "azurerm_management_lock" "logs" {
  name       = "keep"
  scope      = azurerm_storage_account.logs.id
  lock_level = "CanNotDelete"
}

resource "azurerm_databricks_workspace" "analytics" {
  name                = "analytics"
  resource_group_name = azurerm_resource_group.logs.name
  location            = azurerm_resource_group.logs.location
  sku                 = "premium"
}

resource "azurerm_monitor_diagnostic_setting" "audit" {
  name               = "audit"
  target_resource_id = azurerm_databricks_workspace.analytics.id
  storage_account_id = azurerm_storage_account.logs.id
  enabled_log {
    category = "accounts"
  }
  enabled_log {
    category = "clusters"
  }
}

resource "azurerm_monitor_diagnostic_setting" "all" {
  name               = "all"
  target_resource_id = azurerm_databricks_workspace.analytics.id
  storage_account_id = azurerm_storage_account.old.id
  enabled_log {
    category_group = "allLogs"
  }
}

# --- Google ---

resource "google_kms_key_ring" "logs" {
  name     = "audit-logs"
  location = "europe"
}

resource "google_kms_crypto_key" "logs" {
  name            = "audit-logs"
  key_ring        = google_kms_key_ring.logs.id
  rotation_period = "7776000s"
}

data "google_storage_project_service_account" "logs" {}

resource "google_kms_crypto_key_iam_member" "storage" {
  crypto_key_id = google_kms_crypto_key.logs.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = data.google_storage_project_service_account.logs.member
}

resource "google_storage_bucket" "logs" {
  name                        = "acme-audit-logs"
  location                    = "EU"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  encryption {
    default_kms_key_name = google_kms_crypto_key.logs.id
  }

  retention_policy {
    retention_period = 34560000
    is_locked        = true
  }

  logging {
    log_bucket = google_storage_bucket.access.name
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 500
    }
  }
}

resource "google_storage_bucket" "access" {
  name     = "acme-access-logs"
  location = "EU"
}

resource "google_storage_bucket_iam_member" "delivery" {
  bucket = google_storage_bucket.logs.name
  role   = "roles/storage.objectAdmin"
  member = "serviceAccount:log-delivery@databricks-prod-master.iam.gserviceaccount.com"
}

resource "google_storage_bucket_iam_binding" "public" {
  bucket  = google_storage_bucket.access.name
  role    = "roles/storage.objectViewer"
  members = ["allUsers"]
}

resource "google_storage_bucket_acl" "access" {
  bucket         = google_storage_bucket.access.name
  predefined_acl = "projectPrivate"
}
