"""Pure rules of checkouts and orders."""
