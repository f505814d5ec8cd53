"""Waits for a new entry of a stream without polling."""

from renga.platform.redis.driver import Client, on_key

#: Longest wait of one read. The client's time-out must be longer: ``Resources.waiting_driver_at``.
WAIT_MS = 10_000
#: The same for a client with the usual time-out.
SHORT_WAIT_MS = 1_500


async def grown(client: Client, stream: str, last: str, wait_ms: int) -> bool:
    """True as soon as the stream has an entry after ``last`` (``-``: any), False if none came. Raises REDIS_ERRORS."""
    start = "0" if last == "-" else last
    return bool(await on_key(client, stream, "XREAD", "COUNT", 1, "BLOCK", wait_ms, "STREAMS", stream, start))
