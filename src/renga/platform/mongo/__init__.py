"""MongoDB: the client, and its driver's failures as the kernel's errors."""
