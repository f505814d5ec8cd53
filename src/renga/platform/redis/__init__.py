"""Redis and Valkey: the auto-pipelining connection of hot paths, and redis-py for everything else."""

from renga.platform.optional_imports import without

# redis-py would load OpenTelemetry for metrics that we do not switch on: 3 MB and 0.1 s in each process
with without("opentelemetry"):
    import redis as redis
