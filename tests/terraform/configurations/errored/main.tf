# A plan that ends in an error after a part of it was made.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

resource "aws_s3_bucket" "logs" {
  bucket = "acme-audit-logs"
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.bucket
  versioning_configuration {
    status = "Enabled"
  }

  lifecycle {
    precondition {
      condition     = aws_s3_bucket.logs.bucket == "acme"
      error_message = "The bucket has another name."
    }
  }
}
