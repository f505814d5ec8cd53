"""REST of payments."""
