"""What a bucket's configuration means: Google's defaults, precedence and joins, written once."""
