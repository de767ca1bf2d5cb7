# Values that must not reach a report, in places where posture looks.
terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    databricks = { source = "databricks/databricks" }
  }
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}

provider "databricks" {
  host       = "https://accounts.cloud.databricks.com"
  account_id = local.databricks_account_id
}

locals {
  databricks_account_id = "00000000-0000-0000-0000-000000000001"
}

variable "external_id" {
  default   = "hunter2-external-id"
  sensitive = true
}

variable "partner" {
  default   = "hunter2-partner-role"
  sensitive = true
}

resource "aws_s3_bucket" "logs" {
  bucket = "acme-audit-logs"
  tags   = { token = var.external_id }
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::444455556666:role/${var.partner}" }
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::acme-audit-logs/*"
    }]
  })
}

resource "aws_iam_role" "delivery" {
  name = "audit-log-delivery"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::414351767826:role/SaasUsageDeliveryRole-prod-IAMRole-3PLHICCRR1TK" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
    }]
  })
}

resource "databricks_mws_credentials" "delivery" {
  credentials_name = "audit-log-delivery"
  role_arn         = aws_iam_role.delivery.arn
}

resource "databricks_mws_storage_configurations" "logs" {
  account_id                 = local.databricks_account_id
  storage_configuration_name = "audit-logs"
  bucket_name                = aws_s3_bucket.logs.bucket
}

resource "databricks_mws_log_delivery" "audit" {
  account_id               = local.databricks_account_id
  credentials_id           = databricks_mws_credentials.delivery.credentials_id
  storage_configuration_id = databricks_mws_storage_configurations.logs.storage_configuration_id
  log_type                 = "AUDIT_LOGS"
  output_format            = "JSON"
}
