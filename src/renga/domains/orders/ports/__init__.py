"""What checkouts and orders need of others."""
