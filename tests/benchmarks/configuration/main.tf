terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    databricks = { source = "databricks/databricks" }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "buckets" {
  type = number
}

variable "databricks_account_id" {
  default = "00000000-0000-0000-0000-000000000001"
}

module "store" {
  source = "./store"
  count  = var.buckets
  name   = "acme-logs-${count.index}"
  access = aws_s3_bucket.access.id
}

resource "aws_s3_bucket" "access" {
  bucket = "acme-access-logs"
}

resource "databricks_mws_credentials" "delivery" {
  credentials_name = "audit-log-delivery"
  role_arn         = module.store[0].role
}

resource "databricks_mws_storage_configurations" "logs" {
  account_id                 = var.databricks_account_id
  storage_configuration_name = "audit-logs"
  bucket_name                = module.store[0].bucket
}

resource "databricks_mws_log_delivery" "audit" {
  account_id               = var.databricks_account_id
  credentials_id           = databricks_mws_credentials.delivery.credentials_id
  storage_configuration_id = databricks_mws_storage_configurations.logs.storage_configuration_id
  delivery_path_prefix     = "audit-logs"
  log_type                 = "AUDIT_LOGS"
  output_format            = "JSON"
}
