"""The only place that imports the Databricks SDK, and only inside functions."""
