"""Technical packages; none depends on a domain."""
