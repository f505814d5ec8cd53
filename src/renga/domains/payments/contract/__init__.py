"""The contract of payments."""
