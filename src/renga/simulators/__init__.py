"""Stand-ins of outside services, each a process of its own: for development, tests and the demo. They know no domain."""
