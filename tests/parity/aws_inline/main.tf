# What the bucket's own blocks can say, planned by hashicorp/aws 3.39 and made by it in the test bed.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "3.39.0"
    }
    databricks = { source = "databricks/databricks" }
  }
}

variable "databricks_account_id" {
  type = string
}

variable "endpoint" {
  type = string
}

provider "aws" {
  region                      = "us-east-1"
  allowed_account_ids         = ["123456789012"]
  access_key                  = "testing"
  secret_key                  = "testing"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_get_ec2_platforms      = true
  s3_force_path_style         = true
  endpoints {
    iam = var.endpoint
    kms = var.endpoint
    s3  = var.endpoint
    sts = var.endpoint
  }
}

provider "databricks" {
  host       = "https://accounts.cloud.databricks.com"
  account_id = var.databricks_account_id
}

data "aws_caller_identity" "current" {}

data "databricks_aws_assume_role_policy" "delivery" {
  external_id      = var.databricks_account_id
  for_log_delivery = true
}

resource "aws_iam_role" "delivery" {
  name               = "inline-delivery"
  assume_role_policy = data.databricks_aws_assume_role_policy.delivery.json
}

resource "aws_kms_key" "logs" {
  enable_key_rotation = true
}

resource "aws_s3_bucket" "logs" {
  bucket = "inline-audit-logs"
  acl    = "private"

  versioning {
    enabled = true
  }

  server_side_encryption_configuration {
    rule {
      bucket_key_enabled = true
      apply_server_side_encryption_by_default {
        sse_algorithm     = "aws:kms"
        kms_master_key_id = aws_kms_key.logs.arn
      }
    }
  }

  lifecycle_rule {
    id      = "old"
    enabled = true
    prefix  = "audit/"
    expiration {
      days = 400
    }
    noncurrent_version_expiration {
      days = 30
    }
  }

  lifecycle_rule {
    id      = "off"
    enabled = false
    expiration {
      days = 3
    }
  }

  logging {
    target_bucket = aws_s3_bucket.access.id
    target_prefix = "audit/"
  }

  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["https://example.com"]
  }
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = false
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = data.aws_iam_policy_document.logs.json
}

data "aws_iam_policy_document" "logs" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["arn:aws:s3:::inline-audit-logs", "arn:aws:s3:::inline-audit-logs/*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
  statement {
    actions   = ["s3:PutObject", "s3:GetObject"]
    resources = ["arn:aws:s3:::inline-audit-logs/*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.delivery.arn, "arn:aws:iam::444455556666:root"]
    }
  }
}

resource "aws_s3_bucket" "access" {
  bucket_prefix = "inline-access-"
  acl           = "log-delivery-write"
}

resource "aws_s3_bucket_ownership_controls" "access" {
  bucket = aws_s3_bucket.access.id
  rule {
    object_ownership = "BucketOwnerPreferred"
  }
}

resource "aws_s3_bucket" "written_inside" {
  bucket        = "inline-policy"
  force_destroy = true
  policy        = data.aws_iam_policy_document.inside.json

  versioning {
    enabled = false
  }
}

data "aws_iam_policy_document" "inside" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::inline-policy/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "databricks_mws_credentials" "logs" {
  account_id       = var.databricks_account_id
  credentials_name = "inline"
  role_arn         = aws_iam_role.delivery.arn
}

resource "databricks_mws_storage_configurations" "logs" {
  account_id                 = var.databricks_account_id
  storage_configuration_name = "inline"
  bucket_name                = aws_s3_bucket.logs.bucket
}

resource "databricks_mws_log_delivery" "logs" {
  account_id               = var.databricks_account_id
  credentials_id           = databricks_mws_credentials.logs.credentials_id
  storage_configuration_id = databricks_mws_storage_configurations.logs.storage_configuration_id
  config_name              = "inline"
  delivery_path_prefix     = "audit"
  log_type                 = "AUDIT_LOGS"
  output_format            = "JSON"
}
