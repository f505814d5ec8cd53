"""Pure rules of finance."""
