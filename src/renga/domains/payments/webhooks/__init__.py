"""Webhooks of providers: each event has its effect once, in any order."""
