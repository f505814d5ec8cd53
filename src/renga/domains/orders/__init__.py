"""Checkouts and orders: from the cart to the receipt."""
