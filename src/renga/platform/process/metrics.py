"""What processes count, by the name of their definition."""

from prometheus_client import Counter, Gauge, Histogram

STARTED = Counter("renga_process_started", "Processes that began", ["process"])
ENDED = Counter(
    "renga_process_ended", "Processes by outcome: done, undone, stuck (needs a person)", ["process", "outcome"]
)
STUCK = Gauge("renga_process_stuck", "Stuck processes at the last measurement", ["process"])
OVERDUE = Gauge(
    "renga_process_oldest_waiting_seconds", "How long the oldest due process waits for a worker", ["process"]
)
STEP_SECONDS = Histogram("renga_process_step_seconds", "Time of one call of a step", ["process", "step", "way"])
TAKEN_OVER = Counter(
    "renga_process_fence_lost", "Outcomes not written because another worker had taken over", ["process"]
)
