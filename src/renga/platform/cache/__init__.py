"""Caches that news invalidate: in the process, in Redis behind it, and for whole answers."""
