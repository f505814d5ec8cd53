"""Finance: commission, payouts, disputes, settlements and reconciliation."""
