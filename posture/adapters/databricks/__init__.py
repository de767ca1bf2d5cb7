"""Databricks: the account API says which sources of audit logs there are, and where they deliver."""
