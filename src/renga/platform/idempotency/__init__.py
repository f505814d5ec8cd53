"""Writes that happen once: the key is kept with the fact it made, in the same transaction."""
