"""GraphQL over the domains' contracts: one schema, a thin HTTP handler, compiled plans."""
