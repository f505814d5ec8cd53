"""GraphQL over the domains' contracts: one schema, an own thin handler, plans instead of interpretation."""
