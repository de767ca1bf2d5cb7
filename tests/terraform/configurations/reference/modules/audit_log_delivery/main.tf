terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    databricks = { source = "databricks/databricks" }
  }
}

variable "databricks_account_id" {
  type = string
}

variable "prefix" {
  type = string
}

resource "aws_s3_bucket" "logs" {
  bucket        = "${var.prefix}-audit-log-delivery"
  force_destroy = true
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
    status = "Disabled"
  }
}

data "databricks_aws_assume_role_policy" "delivery" {
  external_id      = var.databricks_account_id
  for_log_delivery = true
}

resource "aws_iam_role" "delivery" {
  name               = "${var.prefix}-audit-log-delivery"
  description        = "Databricks delivers audit logs with this role"
  assume_role_policy = data.databricks_aws_assume_role_policy.delivery.json
}

data "databricks_aws_bucket_policy" "logs" {
  bucket           = aws_s3_bucket.logs.bucket
  full_access_role = aws_iam_role.delivery.arn
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = data.databricks_aws_bucket_policy.logs.json
}

resource "databricks_mws_credentials" "delivery" {
  credentials_name = "${var.prefix}-audit-log-delivery"
  role_arn         = aws_iam_role.delivery.arn
  depends_on       = [aws_s3_bucket_policy.logs]
}

resource "databricks_mws_storage_configurations" "logs" {
  account_id                 = var.databricks_account_id
  storage_configuration_name = "${var.prefix}-audit-log-delivery"
  bucket_name                = aws_s3_bucket.logs.bucket
}

resource "databricks_mws_log_delivery" "audit" {
  account_id               = var.databricks_account_id
  credentials_id           = databricks_mws_credentials.delivery.credentials_id
  storage_configuration_id = databricks_mws_storage_configurations.logs.storage_configuration_id
  config_name              = "audit logs"
  delivery_path_prefix     = "audit-logs"
  log_type                 = "AUDIT_LOGS"
  output_format            = "JSON"
}
