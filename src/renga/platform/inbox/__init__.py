"""The inbox of a SQL domain: an event's effect and id commit together, so a repeated event has one effect."""
