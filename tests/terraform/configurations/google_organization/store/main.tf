variable "name" { type = string }
variable "project" { type = string }
variable "uniform" { type = bool }
variable "readers" { type = list(string) }
variable "delivery" { type = string }

resource "google_storage_bucket" "this" {
  name                        = var.name
  project                     = var.project
  location                    = "EUROPE-WEST1"
  uniform_bucket_level_access = var.uniform

  soft_delete_policy {
    retention_duration_seconds = 2592000
  }
}

resource "google_storage_bucket_iam_member" "readers" {
  count  = length(var.readers)
  bucket = google_storage_bucket.this.name
  role   = "roles/storage.objectViewer"
  member = var.readers[count.index]
}

resource "google_storage_bucket_iam_binding" "delivery" {
  bucket  = google_storage_bucket.this.name
  role    = "roles/storage.objectUser"
  members = [var.delivery]
}

output "name" {
  value = google_storage_bucket.this.name
}
