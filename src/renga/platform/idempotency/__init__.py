"""Idempotent writes: the key is stored in the transaction of the write."""
