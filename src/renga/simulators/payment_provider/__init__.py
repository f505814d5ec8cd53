"""The simulated payment provider: its own process, origin and file. ``docs/guides/test-provider.md`` says what it does."""
