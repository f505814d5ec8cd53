"""The inbox of a SQL domain: an event's effect and its id are one transaction, so a doubled event has one effect."""
