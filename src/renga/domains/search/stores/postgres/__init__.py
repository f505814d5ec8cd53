"""The index on PostgreSQL: full text with trigrams, generations as tables."""
