"""Adapters of this domain's ports."""
