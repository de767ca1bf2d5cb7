# Buckets of every kind of care, with a delivery into each. Made twice: planned by Terraform, and created in the test bed.
terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    databricks = { source = "databricks/databricks" }
  }
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["123456789012"]
}

provider "databricks" {
  host       = "https://accounts.cloud.databricks.com"
  account_id = var.databricks_account_id
}

variable "databricks_account_id" {
  type = string
}

resource "aws_s3_account_public_access_block" "account" {
  block_public_acls = true
}

data "databricks_aws_assume_role_policy" "delivery" {
  external_id      = var.databricks_account_id
  for_log_delivery = true
}

# --- kept: everything that the rules ask for ---

resource "aws_kms_key" "kept" {
  description         = "kept"
  enable_key_rotation = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:role/kept-delivery" }
        Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_iam_role" "kept" {
  name               = "kept-delivery"
  assume_role_policy = data.databricks_aws_assume_role_policy.delivery.json
}

resource "aws_iam_role_policy" "kept" {
  name   = "writes"
  role   = aws_iam_role.kept.name
  policy = data.aws_iam_policy_document.writes.json
}

data "aws_iam_policy_document" "writes" {
  statement {
    actions   = ["s3:GetBucketLocation"]
    resources = [aws_s3_bucket.kept.arn]
  }
  statement {
    actions   = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"]
    resources = ["${aws_s3_bucket.kept.arn}/audit/", "${aws_s3_bucket.kept.arn}/audit/*"]
  }
  statement {
    actions   = ["s3:ListBucket", "s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.kept.arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["audit", "audit/*"]
    }
  }
}

resource "aws_s3_bucket" "kept" {
  bucket              = "kept-audit-logs"
  object_lock_enabled = true
}

resource "aws_s3_bucket_public_access_block" "kept" {
  bucket                  = aws_s3_bucket.kept.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "kept" {
  bucket = aws_s3_bucket.kept.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "kept" {
  bucket = aws_s3_bucket.kept.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "kept" {
  bucket = aws_s3_bucket.kept.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.kept.arn
    }
  }
}

resource "aws_s3_bucket_object_lock_configuration" "kept" {
  bucket = aws_s3_bucket_versioning.kept.bucket
  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = 400
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "kept" {
  bucket = aws_s3_bucket.kept.id
  rule {
    id     = "old"
    status = "Enabled"
    filter {
      prefix = "audit/"
    }
    expiration {
      days = 500
    }
    noncurrent_version_expiration {
      noncurrent_days = 90
    }
  }
  rule {
    id     = "elsewhere"
    status = "Enabled"
    filter {
      prefix = "scratch/"
    }
    expiration {
      days = 1
    }
  }
  rule {
    id     = "off"
    status = "Disabled"
    filter {}
    expiration {
      days = 2
    }
  }
}

resource "aws_s3_bucket_logging" "kept" {
  bucket        = aws_s3_bucket.kept.id
  target_bucket = aws_s3_bucket.access.id
  target_prefix = "kept/"
}

resource "aws_s3_bucket_policy" "kept" {
  bucket = aws_s3_bucket.kept.id
  policy = data.aws_iam_policy_document.kept.json
}

data "aws_iam_policy_document" "kept" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.kept.arn, "${aws_s3_bucket.kept.arn}/*"]
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
    sid       = "Delivery"
    actions   = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]
    resources = ["${aws_s3_bucket.kept.arn}/audit/*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.kept.arn]
    }
  }
}

resource "aws_s3_bucket" "access" {
  bucket = "kept-access-logs"
}

resource "aws_s3_bucket_policy" "access" {
  bucket = aws_s3_bucket.access.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "arn:aws:s3:::kept-access-logs/*"
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    }]
  })
}

# --- template: as Databricks' reference module has it ---

resource "aws_iam_role" "template" {
  name               = "template-delivery"
  assume_role_policy = data.databricks_aws_assume_role_policy.delivery.json
}

resource "aws_s3_bucket" "template" {
  bucket        = "template-audit-logs"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "template" {
  bucket                  = aws_s3_bucket.template.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "template" {
  bucket = aws_s3_bucket.template.id
  versioning_configuration {
    status = "Disabled"
  }
}

data "databricks_aws_bucket_policy" "template" {
  bucket           = aws_s3_bucket.template.bucket
  full_access_role = aws_iam_role.template.arn
}

resource "aws_s3_bucket_policy" "template" {
  bucket = aws_s3_bucket.template.id
  policy = data.databricks_aws_bucket_policy.template.json
}

# --- neglected: open to the vendor's whole account, to another account and to the world ---

resource "aws_iam_role" "neglected" {
  name = "neglected-delivery"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::414351767826:root" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_s3_bucket" "neglected" {
  bucket = "neglected-audit-logs"
}

resource "aws_s3_bucket_public_access_block" "neglected" {
  bucket = aws_s3_bucket.neglected.id
}

resource "aws_s3_bucket_ownership_controls" "neglected" {
  bucket = aws_s3_bucket.neglected.id
  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "aws_s3_bucket_acl" "neglected" {
  bucket = aws_s3_bucket.neglected.id
  acl    = "public-read"
}

resource "aws_s3_bucket_versioning" "neglected" {
  bucket = aws_s3_bucket.neglected.id
  versioning_configuration {
    status = "Suspended"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "neglected" {
  bucket = aws_s3_bucket.neglected.id
  rule {
    id     = "tidy"
    status = "Enabled"
    filter {}
    expiration {
      days = 90
    }
    noncurrent_version_expiration {
      noncurrent_days = 7
    }
  }
}

resource "aws_s3_bucket_cors_configuration" "neglected" {
  bucket = aws_s3_bucket.neglected.id
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }
}

resource "aws_s3_bucket_website_configuration" "neglected" {
  bucket = aws_s3_bucket.neglected.id
  index_document {
    suffix = "index.html"
  }
}

data "databricks_aws_bucket_policy" "neglected" {
  bucket = aws_s3_bucket.neglected.bucket
}

resource "aws_s3_bucket_policy" "neglected" {
  bucket = aws_s3_bucket.neglected.id
  policy = data.aws_iam_policy_document.neglected.json
}

data "aws_iam_policy_document" "neglected" {
  source_policy_documents = [data.databricks_aws_bucket_policy.neglected.json]
  statement {
    sid       = "Partner"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [aws_s3_bucket.neglected.arn, "${aws_s3_bucket.neglected.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::444455556666:root"]
    }
  }
  statement {
    sid       = "Anyone"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.neglected.arn}/public/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}

# --- named: what it is called is known only after apply; another door leads to it ---

resource "aws_kms_key" "named" {
  description = "named"
}

resource "aws_iam_role" "named" {
  name_prefix        = "named-delivery-"
  assume_role_policy = data.databricks_aws_assume_role_policy.delivery.json
}

resource "aws_s3_bucket" "named" {
  bucket_prefix = "named-audit-logs-"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "named" {
  bucket = aws_s3_bucket.named.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.named.arn
    }
  }
}

resource "aws_s3_bucket_policy" "named" {
  bucket = aws_s3_bucket.named.id
  policy = data.aws_iam_policy_document.named.json
}

data "aws_iam_policy_document" "named" {
  statement {
    sid       = "Delivery"
    actions   = ["s3:PutObject", "s3:GetBucketLocation", "s3:ListBucket"]
    resources = [aws_s3_bucket.named.arn, "${aws_s3_bucket.named.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.named.arn]
    }
  }
  statement {
    sid       = "Partner"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.named.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["444455556666"]
    }
  }
}

resource "aws_s3_access_point" "named" {
  bucket = aws_s3_bucket.named.id
  name   = "partner-door"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:role/reader" }
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:us-east-1:123456789012:accesspoint/partner-door/object/*"
    }]
  })
}

# --- bare: nothing but the bucket ---

resource "aws_s3_bucket" "bare" {
  bucket = "bare-audit-logs"
}

# --- what Databricks delivers where ---

resource "databricks_mws_credentials" "kept" {
  account_id       = var.databricks_account_id
  credentials_name = "kept"
  role_arn         = aws_iam_role.kept.arn
}

resource "databricks_mws_storage_configurations" "kept" {
  account_id                 = var.databricks_account_id
  storage_configuration_name = "kept"
  bucket_name                = aws_s3_bucket.kept.bucket
}

resource "databricks_mws_log_delivery" "kept" {
  account_id               = var.databricks_account_id
  credentials_id           = databricks_mws_credentials.kept.credentials_id
  storage_configuration_id = databricks_mws_storage_configurations.kept.storage_configuration_id
  config_name              = "kept"
  delivery_path_prefix     = "audit"
  log_type                 = "AUDIT_LOGS"
  output_format            = "JSON"
}

resource "databricks_mws_credentials" "template" {
  account_id       = var.databricks_account_id
  credentials_name = "template"
  role_arn         = aws_iam_role.template.arn
}

resource "databricks_mws_storage_configurations" "template" {
  account_id                 = var.databricks_account_id
  storage_configuration_name = "template"
  bucket_name                = aws_s3_bucket.template.bucket
}

resource "databricks_mws_log_delivery" "template" {
  account_id               = var.databricks_account_id
  credentials_id           = databricks_mws_credentials.template.credentials_id
  storage_configuration_id = databricks_mws_storage_configurations.template.storage_configuration_id
  config_name              = "template"
  delivery_path_prefix     = "audit-logs"
  log_type                 = "AUDIT_LOGS"
  output_format            = "JSON"
}

resource "databricks_mws_credentials" "neglected" {
  account_id       = var.databricks_account_id
  credentials_name = "neglected"
  role_arn         = aws_iam_role.neglected.arn
}

resource "databricks_mws_storage_configurations" "neglected" {
  account_id                 = var.databricks_account_id
  storage_configuration_name = "neglected"
  bucket_name                = aws_s3_bucket.neglected.bucket
}

resource "databricks_mws_log_delivery" "neglected" {
  account_id               = var.databricks_account_id
  credentials_id           = databricks_mws_credentials.neglected.credentials_id
  storage_configuration_id = databricks_mws_storage_configurations.neglected.storage_configuration_id
  config_name              = "neglected"
  log_type                 = "AUDIT_LOGS"
  output_format            = "JSON"
  status                   = "DISABLED"
}

resource "databricks_mws_credentials" "named" {
  account_id       = var.databricks_account_id
  credentials_name = "named"
  role_arn         = aws_iam_role.named.arn
}

resource "databricks_mws_storage_configurations" "named" {
  account_id                 = var.databricks_account_id
  storage_configuration_name = "named"
  bucket_name                = aws_s3_bucket.named.bucket
}

resource "databricks_mws_log_delivery" "named" {
  account_id               = var.databricks_account_id
  credentials_id           = databricks_mws_credentials.named.credentials_id
  storage_configuration_id = databricks_mws_storage_configurations.named.storage_configuration_id
  config_name              = "named"
  delivery_path_prefix     = "logs"
  workspace_ids_filter     = [6383650456894062]
  log_type                 = "AUDIT_LOGS"
  output_format            = "JSON"
}
