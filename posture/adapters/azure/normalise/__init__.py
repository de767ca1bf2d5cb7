"""What Azure says of a resource as facts of a store."""
