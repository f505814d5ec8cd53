"""The SQLite file of the provider: one writer, each request one transaction."""
