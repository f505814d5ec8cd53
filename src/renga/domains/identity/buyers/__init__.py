"""What the shop knows about its buyers: customer groups, tax numbers, tax exemptions."""
