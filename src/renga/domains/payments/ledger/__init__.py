"""The ledger: posting, balances, statements, checks."""
