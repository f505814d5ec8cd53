"""Rate limits: GCRA in Redis, atomic, several limits in one round trip."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """``name``: the policy's (for the headers); ``key``: the caller; ``burst``: requests at once; ``per_minute``: sustained."""

    name: str
    key: str
    per_minute: int
    burst: int


def step_us(limit: Limit) -> int:
    """Microseconds after which one more request is allowed."""
    return 60_000_000 // limit.per_minute or 1


class LimitDecision(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the checked limit that is nearest to refusal: ``remaining`` requests now; ``reset_s``, ``retry_after_s``.

    ``full_us`` is ``reset_s`` in microseconds; ``ahead`` more requests were counted: the caller may make them later without
    a call, or they are returned by ``give_back``.
    """

    allowed: bool
    limit: Limit
    remaining: int
    reset_s: int
    retry_after_s: int
    ahead: int = 0
    full_us: int = 0


class RateLimiter(Protocol):
    """Fails open (allows, counts in ``renga_ratelimit_failed_open_total``) when its store is unreachable."""

    async def take(self, limits: Sequence[Limit], cost: int = 1, ahead: int = 0) -> LimitDecision | None:
        """Count ``cost`` requests against all limits, or against none if one refuses. None if it failed open.

        Up to ``ahead`` more are counted if enough remain; never for limits of several callers.
        """
        ...

    async def give_back(self, limits: Sequence[Limit], count: int) -> None:
        """Return counts of one caller that were taken ahead and not used. If the store is unreachable, they are lost."""
        ...
