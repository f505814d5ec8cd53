"""What finance needs that is not the database: sealing of bank data."""
