"""Technical rooms that know no domain."""
