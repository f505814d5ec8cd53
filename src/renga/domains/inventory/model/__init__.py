"""Pure rules of the inventory."""
