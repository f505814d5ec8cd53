"""Pure rules of pricing: no I/O, no clock."""
