# A store that keeps every rule, and what belongs to it.
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

resource "aws_kms_key" "logs" {
  description         = "audit logs"
  enable_key_rotation = true
}

resource "aws_s3_bucket" "logs" {
  bucket = "acme-audit-logs"
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.logs.arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    id     = "keep"
    status = "Enabled"
    filter {}
    expiration {
      days = 400
    }
  }
}

resource "aws_s3_bucket_logging" "logs" {
  bucket        = aws_s3_bucket.logs.id
  target_bucket = aws_s3_bucket.access.id
  target_prefix = "audit/"
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.logs.arn, "${aws_s3_bucket.logs.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_s3_bucket" "access" {
  bucket = "acme-access-logs"
}

resource "aws_s3_bucket" "named_badly" {
  bucket = "acme-copies"
}

resource "aws_s3_bucket" "left" {
  bucket = "acme-old-logs"
}

resource "aws_s3_bucket" "renamed" {
  bucket = "acme-renamed"
}

resource "aws_iam_role" "delivery" {
  name = "audit-log-delivery"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::414351767826:role/SaasUsageDeliveryRole-prod-IAMRole-3PLHICCRR1TK" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = local.databricks_account_id } }
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
  config_name              = "audit logs"
  delivery_path_prefix     = "audit-logs"
  log_type                 = "AUDIT_LOGS"
  output_format            = "JSON"
}

resource "databricks_mws_log_delivery" "second" {
  account_id               = local.databricks_account_id
  credentials_id           = databricks_mws_credentials.delivery.credentials_id
  storage_configuration_id = databricks_mws_storage_configurations.logs.storage_configuration_id
  config_name              = "audit logs again"
  delivery_path_prefix     = "again"
  log_type                 = "AUDIT_LOGS"
  output_format            = "JSON"
}
