"""Pure rules of the janitor."""
