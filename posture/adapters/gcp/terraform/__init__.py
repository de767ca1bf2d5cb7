"""Google Cloud's resources in a plan, as the records that a scan fills: what they will be like once it is applied."""
