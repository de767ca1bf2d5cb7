# Log delivery as Databricks' reference module for AWS sets it up, with nothing added.
terraform {
  required_providers {
    aws        = { source = "hashicorp/aws" }
    databricks = { source = "databricks/databricks" }
  }
}

provider "aws" {
  region = "eu-west-1"
}

provider "databricks" {
  alias      = "account"
  host       = "https://accounts.cloud.databricks.com"
  account_id = var.databricks_account_id
}

variable "databricks_account_id" {
  default = "00000000-0000-0000-0000-000000000001"
}

module "audit_log_delivery" {
  source = "./modules/audit_log_delivery"
  providers = {
    databricks = databricks.account
  }
  databricks_account_id = var.databricks_account_id
  prefix                = "acme"
}
