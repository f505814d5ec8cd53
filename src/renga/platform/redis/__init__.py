"""Redis and Valkey: the auto-pipelining connection of hot paths, and redis-py for everything else."""
