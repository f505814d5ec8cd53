"""Payments in tests."""
