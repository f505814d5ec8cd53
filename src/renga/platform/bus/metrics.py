"""What the bus counts, for Prometheus."""

from prometheus_client import Counter

published = Counter("renga_bus_published_total", "Events that the engine confirmed", ["engine"])
returned = Counter("renga_bus_returned_total", "Events that RabbitMQ could not route, not even to the unrouted queue")
dead = Counter("renga_bus_dead_letters_total", "Events that became dead letters", ["consumer"])
evicted = Counter(
    "renga_bus_evicted_total", "Events that a named cap removed before every consumer had read them", ["domain"]
)
missed = Counter("renga_bus_tail_missed_total", "Events that a slow tail did not get", ["engine"])
