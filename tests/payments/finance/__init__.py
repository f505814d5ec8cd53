"""Finance: commission, payouts, disputes, settlements, reconciliation."""
