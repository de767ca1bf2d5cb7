"""Who can reach a bucket or a key: bindings at every level, lists, and what cuts them."""
