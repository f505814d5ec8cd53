"""Pages of the provider, for people."""
