# Audit logs in Google Cloud: a well-kept bucket, one as Databricks documents it, and one that is open, with everything
# that decides who gets in: bindings of every kind, lists, accounts and roles of the plan, a key, and the project.
terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {
  project = "acme-logs"
}

locals {
  delivery = "serviceAccount:log-delivery@databricks-prod-master.iam.gserviceaccount.com"
  project  = "acme-logs"
}

# --- Who ---

resource "google_service_account" "etl" {
  account_id = "audit-etl"
}

resource "google_project_iam_custom_role" "lister" {
  role_id     = "auditLister"
  title       = "Lists audit logs"
  permissions = ["storage.objects.list"]
}

# --- A well-kept bucket ---

resource "google_kms_key_ring" "audit" {
  name     = "audit"
  location = "eu"
}

resource "google_kms_crypto_key" "audit" {
  name            = "logs"
  key_ring        = google_kms_key_ring.audit.id
  rotation_period = "7776000s"
}

data "google_storage_project_service_account" "agent" {}

resource "google_kms_crypto_key_iam_binding" "agent" {
  crypto_key_id = google_kms_crypto_key.audit.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  members       = [data.google_storage_project_service_account.agent.member]
}

resource "google_kms_key_ring_iam_member" "admin" {
  key_ring_id = google_kms_key_ring.audit.id
  role        = "roles/cloudkms.admin"
  member      = "user:root@acme.example"
}

resource "google_storage_bucket" "archive" {
  name                        = "acme-audit-archive"
  location                    = "EU"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  encryption {
    default_kms_key_name = google_kms_crypto_key.audit.id
  }

  versioning {
    enabled = true
  }

  retention_policy {
    retention_period = 34560000
    is_locked        = true
  }

  soft_delete_policy {
    retention_duration_seconds = 2592000
  }

  logging {
    log_bucket        = google_storage_bucket.access.name
    log_object_prefix = "usage"
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age        = 800
      with_state = "ANY"
    }
  }

  ip_filter {
    mode                           = "Enabled"
    allow_all_service_agent_access = true
    public_network_source {
      allowed_ip_cidr_ranges = ["203.0.113.0/24"]
    }
  }
}

data "google_iam_policy" "archive" {
  binding {
    role    = "roles/storage.admin"
    members = [local.delivery]
  }
  binding {
    role    = "roles/storage.objectViewer"
    members = ["user:ana@acme.example", google_service_account.etl.member]
  }
  binding {
    role    = "roles/storage.objectViewer"
    members = ["user:bo@acme.example"]
    condition {
      title      = "audit"
      expression = "resource.name.startsWith(\"projects/_/buckets/acme-audit-archive/objects/audit/\")"
    }
  }
}

resource "google_storage_bucket_iam_policy" "archive" {
  bucket      = google_storage_bucket.archive.name
  policy_data = data.google_iam_policy.archive.policy_data
}

resource "google_storage_notification" "archive" {
  bucket         = google_storage_bucket.archive.name
  payload_format = "JSON_API_V1"
  topic          = "//pubsub.googleapis.com/projects/acme-logs/topics/audit"
}

# --- A bucket as Databricks documents it ---

resource "google_storage_bucket" "documented" {
  name                        = "acme-audit-documented"
  location                    = "EUROPE-WEST1"
  uniform_bucket_level_access = true

  soft_delete_policy {
    retention_duration_seconds = 604800
  }
}

resource "google_storage_bucket_iam_member" "delivery" {
  bucket = google_storage_bucket.documented.name
  role   = "roles/storage.admin"
  member = local.delivery
}

resource "google_storage_bucket_iam_member" "lister" {
  bucket = google_storage_bucket.documented.name
  role   = google_project_iam_custom_role.lister.id
  member = google_service_account.etl.member
}

resource "google_storage_bucket_iam_binding" "readers" {
  bucket  = google_storage_bucket.documented.name
  role    = "roles/storage.objectViewer"
  members = ["user:ana@acme.example", "serviceAccount:etl@other-co.iam.gserviceaccount.com"]
}

resource "google_storage_hmac_key" "etl" {
  service_account_email = google_service_account.etl.email
}

# --- An open bucket, which is not uniform, is emptied early, and logs into itself ---

resource "google_storage_bucket" "open" {
  name          = "acme-audit-open"
  location      = "US"
  force_destroy = true

  soft_delete_policy {
    retention_duration_seconds = 0
  }

  logging {
    log_bucket        = "acme-audit-open"
    log_object_prefix = "self"
  }

  website {
    main_page_suffix = "index.html"
  }

  cors {
    origin          = ["*"]
    method          = ["GET"]
    max_age_seconds = 60
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age            = 15
      with_state     = "LIVE"
      matches_prefix = ["audit/"]
    }
  }
}

resource "google_storage_bucket_acl" "open" {
  bucket      = google_storage_bucket.open.name
  role_entity = ["OWNER:project-owners-123456789012", "READER:allUsers"]
}

resource "google_storage_default_object_acl" "open" {
  bucket      = google_storage_bucket.open.name
  role_entity = ["READER:allAuthenticatedUsers"]
}

resource "google_storage_bucket_iam_member" "open_delivery" {
  bucket = google_storage_bucket.open.name
  role   = "roles/storage.admin"
  member = local.delivery
}

resource "google_storage_bucket_iam_member" "everybody" {
  bucket = google_storage_bucket.open.name
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}

# --- Where usage logs go ---

resource "google_storage_bucket" "access" {
  name                        = "acme-audit-access"
  location                    = "EU"
  uniform_bucket_level_access = true

  soft_delete_policy {
    retention_duration_seconds = 604800
  }
}

# --- The project ---

resource "google_logging_project_sink" "other" {
  name        = "other-logs"
  destination = "storage.googleapis.com/${google_storage_bucket.documented.name}"
}

resource "google_project_iam_member" "auditor" {
  project = local.project
  role    = "roles/storage.objectViewer"
  member  = "user:auditor@acme.example"
}

resource "google_project_iam_audit_config" "storage" {
  project = local.project
  service = "storage.googleapis.com"
  audit_log_config {
    log_type = "DATA_READ"
  }
  audit_log_config {
    log_type = "DATA_WRITE"
  }
}

resource "google_org_policy_policy" "transport" {
  name   = "projects/${local.project}/policies/storage.secureHttpTransport"
  parent = "projects/${local.project}"
  spec {
    rules {
      enforce = "TRUE"
    }
  }
}
