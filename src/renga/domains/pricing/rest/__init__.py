"""REST of pricing."""
