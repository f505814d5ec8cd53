"""REST operations of checkouts and orders."""
