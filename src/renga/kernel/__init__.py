"""Pure values that every room may use: money, ids, clock, event envelope, errors. No I/O."""
