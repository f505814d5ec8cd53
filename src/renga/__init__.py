"""Renga: a headless commerce platform whose cart is a Redis write model."""

__version__ = "0.1.0"
