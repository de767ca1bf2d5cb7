"""The Google Cloud wing: buckets, the projects, folders and organisations above them, and keys."""
