"""Caches that events invalidate: in the process and in Redis behind it."""
