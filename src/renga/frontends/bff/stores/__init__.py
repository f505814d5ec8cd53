"""Adapters of the BFF's ports."""
