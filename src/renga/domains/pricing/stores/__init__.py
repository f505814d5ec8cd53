"""Stores of pricing."""
