# Satellites that only the files can attach: the plan says that they refer to a local value, and not what that is.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "terraform_data" "suffix" {
  input = "logs"
}

resource "aws_s3_bucket" "logs" {
  bucket = "acme-${terraform_data.suffix.id}"
}

resource "aws_s3_bucket" "other" {
  bucket = "acme-other-${terraform_data.suffix.id}"
}

locals {
  bucket  = aws_s3_bucket.logs.id
  buckets = { logs = aws_s3_bucket.logs.id }
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = local.bucket
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = local.buckets["logs"]
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
