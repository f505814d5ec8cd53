"""Long loops over what a client sent give way to the event loop, after so much CPU time of its thread."""

import asyncio
import time

#: CPU time of the loop's thread between two yields of one loop, in milliseconds.
TURN_MS = 10.0


class Yielding:
    """One for each loop. ``await turn()`` once per round: others run if this thread has worked for TURN_MS since the last yield.

    Reading the clock costs about 0.3 µs, so that a round may be as short as one line.
    """

    __slots__ = ("_until",)

    def __init__(self) -> None:
        self._until = time.thread_time() + TURN_MS / 1_000

    @property
    def is_due(self) -> bool:
        """Whether a round should give way; for loops that cannot await in each round."""
        return time.thread_time() >= self._until

    async def turn(self) -> None:
        """Returns at once while there is time left."""
        if time.thread_time() >= self._until:
            await asyncio.sleep(0)
            self._until = time.thread_time() + TURN_MS / 1_000
