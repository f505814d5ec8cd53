"""Adapters of payments on PostgreSQL."""
