"""Who can reach a bucket, a key or a role: the policies of each composed, cut by its filters, labelled and told."""
