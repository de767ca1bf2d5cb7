"""What a bucket's configuration means: the provider's defaults, precedence and joins, written once."""
