# Instances by key, one of which has a dot, and satellites that find them through outputs and inputs.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "environments" {
  default = ["prod.us", "dev"]
}

module "logs" {
  source   = "./modules/store"
  for_each = toset(var.environments)
  name     = "acme-${replace(each.key, ".", "-")}-logs"
}

module "guard" {
  source   = "./modules/guard"
  for_each = module.logs
  bucket   = each.value.bucket
}

resource "aws_s3_bucket_versioning" "logs" {
  for_each = module.logs
  bucket   = each.value.bucket
  versioning_configuration {
    status = each.key == "dev" ? "Suspended" : "Enabled"
  }
}

resource "aws_s3_bucket_policy" "prod" {
  bucket = module.logs["prod.us"].bucket
  policy = data.aws_iam_policy_document.prod.json
}

data "aws_iam_policy_document" "prod" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [module.logs["prod.us"].arn, "${module.logs["prod.us"].arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket" "counted" {
  count         = 2
  bucket_prefix = "acme-counted-${count.index}-"
}

resource "aws_s3_bucket_ownership_controls" "counted" {
  count  = 2
  bucket = aws_s3_bucket.counted[count.index].id
  rule {
    object_ownership = count.index == 0 ? "BucketOwnerEnforced" : "ObjectWriter"
  }
}

resource "aws_s3_bucket_acl" "counted" {
  bucket = aws_s3_bucket.counted[1].id
  acl    = "log-delivery-write"
}
