"""Planned resources of Google Cloud as the records of a scan."""
