"""Embedded engines: Valkey and PostgreSQL as supervised children under the data folder."""
