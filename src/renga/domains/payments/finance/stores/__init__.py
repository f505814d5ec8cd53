"""Finance on PostgreSQL."""
