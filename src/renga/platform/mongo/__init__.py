"""MongoDB: the client, and the translation of driver errors to kernel errors."""
