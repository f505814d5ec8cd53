"""Pure values that every package may use: money, ids, clock, event envelope, errors. No I/O."""
