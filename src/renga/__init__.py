"""Renga: a headless commerce platform whose cart is a Redis write model."""

from renga.platform.optional_imports import without

# structlog would load rich for tracebacks that we do not print (telemetry/logs.py): 4 MB and 0.15 s in each process
with without("rich"):
    import structlog as structlog

__version__ = "0.1.0"
