"""Providers of pricing: taxes, shipping rates, the order history."""
