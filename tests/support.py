"""Small helpers for tests: wait for a condition instead of sleeping."""

import asyncio
from collections.abc import Awaitable, Callable


async def eventually(
    condition: Callable[[], Awaitable[bool]], *, timeout_s: float = 10.0, every_s: float = 0.02
) -> None:
    """Return as soon as the condition holds; fail the test if it does not within the time."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    while not await condition():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"the condition did not come true within {timeout_s} s")
        await asyncio.sleep(every_s)
