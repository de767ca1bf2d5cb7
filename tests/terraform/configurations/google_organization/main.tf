# Audit logs in a project of their own, which the plan makes in a folder of the organisation: who is bound at each level,
# whom deny policies stop and spare, organisation policies of both shapes, and buckets by a module, named by a map.
terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}

provider "google" {}

locals {
  delivery = "serviceAccount:log-delivery@databricks-prod-master.iam.gserviceaccount.com"
}

# --- The organisation, a folder, a project ---

data "google_organization" "acme" {
  domain = "acme.example"
}

resource "google_folder" "security" {
  display_name = "security"
  parent       = data.google_organization.acme.name
}

resource "google_project" "logs" {
  name       = "Audit logs"
  project_id = "acme-lake-logs"
  folder_id  = google_folder.security.folder_id
}

resource "google_service_account" "etl" {
  project    = google_project.logs.project_id
  account_id = "audit-etl"
}

# --- Who is bound above the buckets ---

resource "google_organization_iam_custom_role" "cleaner" {
  org_id      = data.google_organization.acme.org_id
  role_id     = "logCleaner"
  title       = "Deletes logs"
  permissions = ["storage.objects.delete"]
}

resource "google_organization_iam_member" "cleaner" {
  org_id = data.google_organization.acme.org_id
  role   = google_organization_iam_custom_role.cleaner.id
  member = "user:mal@gmail.com"
}

resource "google_folder_iam_member" "reader" {
  folder = google_folder.security.name
  role   = "roles/storage.objectViewer"
  member = "user:ana@acme.example"
}

resource "google_folder_iam_binding" "writers" {
  folder  = google_folder.security.folder_id
  role    = "roles/storage.objectCreator"
  members = ["user:eve@gmail.com", "user:bo@acme.example"]
}

resource "google_project_iam_member" "etl" {
  project = google_project.logs.project_id
  role    = "roles/storage.objectViewer"
  member  = google_service_account.etl.member
}

resource "google_project_iam_audit_config" "storage" {
  project = google_project.logs.project_id
  service = "storage.googleapis.com"
  audit_log_config {
    log_type = "DATA_READ"
  }
}

# --- Whom deny policies stop ---

resource "google_iam_deny_policy" "strangers" {
  name   = "strangers"
  parent = urlencode("cloudresourcemanager.googleapis.com/${google_folder.security.name}")
  rules {
    deny_rule {
      denied_principals  = ["principal://goog/subject/eve@gmail.com"]
      denied_permissions = ["storage.googleapis.com/objects.create"]
    }
  }
  rules {
    deny_rule {
      denied_principals    = ["principalSet://goog/public:all"]
      exception_principals = ["principal://iam.googleapis.com/projects/-/serviceAccounts/${google_service_account.etl.email}"]
      denied_permissions   = ["storage.googleapis.com/objects.list"]
    }
  }
}

# --- What the organisation asks for ---

resource "google_org_policy_policy" "public" {
  name   = "projects/${google_project.logs.project_id}/policies/storage.publicAccessPrevention"
  parent = "projects/${google_project.logs.project_id}"
  spec {
    rules {
      enforce = "FALSE"
    }
  }
}

resource "google_org_policy_policy" "public_above" {
  name   = "${data.google_organization.acme.name}/policies/storage.publicAccessPrevention"
  parent = data.google_organization.acme.name
  spec {
    rules {
      enforce = "TRUE"
    }
  }
}

resource "google_org_policy_policy" "tls" {
  name   = "${data.google_organization.acme.name}/policies/gcp.restrictTLSVersion"
  parent = data.google_organization.acme.name
  spec {
    rules {
      values {
        denied_values = ["TLS_VERSION_1", "TLS_VERSION_1_1"]
      }
    }
  }
}

resource "google_folder_organization_policy" "uniform" {
  folder     = google_folder.security.name
  constraint = "constraints/storage.uniformBucketLevelAccess"
  boolean_policy {
    enforced = true
  }
}

resource "google_organization_policy" "members" {
  org_id     = data.google_organization.acme.org_id
  constraint = "constraints/iam.allowedPolicyMemberDomains"
  list_policy {
    allow {
      values = ["C01"]
    }
  }
}

# --- The buckets ---

module "store" {
  for_each = {
    "lake.eu" = { uniform = true, readers = ["allUsers", "user:mal@gmail.com"] }
    "open.us" = { uniform = false, readers = ["domain:other.example"] }
  }
  source   = "./store"
  name     = "acme-${replace(each.key, ".", "-")}"
  project  = google_project.logs.project_id
  uniform  = each.value.uniform
  readers  = each.value.readers
  delivery = local.delivery
}

resource "google_storage_bucket_access_control" "owner" {
  bucket = module.store["open.us"].name
  role   = "OWNER"
  entity = "user-zoe@gmail.com"
}

resource "google_storage_default_object_access_control" "everybody" {
  bucket = module.store["open.us"].name
  role   = "READER"
  entity = "allUsers"
}

resource "google_logging_organization_sink" "all" {
  name        = "all-logs"
  org_id      = data.google_organization.acme.org_id
  destination = "storage.googleapis.com/${module.store["lake.eu"].name}"
}
