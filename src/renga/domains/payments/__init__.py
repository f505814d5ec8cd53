"""Payments: money that buyers pay, providers that move it, and the ledger that says whose it is."""
