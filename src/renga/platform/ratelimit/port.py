"""Rate limits: GCRA in Redis, atomic, several limits in one round trip."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """``name`` is the policy's (for the headers), ``key`` whom it counts, ``burst`` at once, ``per_minute`` sustained."""

    name: str
    key: str
    per_minute: int
    burst: int


def step_us(limit: Limit) -> int:
    """Microseconds in which one request is regained."""
    return 60_000_000 // limit.per_minute or 1


class LimitDecision(msgspec.Struct, frozen=True, kw_only=True):
    """Of the limits that were asked, the one nearest to refusal. ``remaining`` requests now; ``reset_s``, ``retry_after_s``.

    ``full_us`` is ``reset_s`` in microseconds; ``ahead`` requests were counted beyond the one asked for: they may be
    made later without asking, or are given back.
    """

    allowed: bool
    limit: Limit
    remaining: int
    reset_s: int
    retry_after_s: int
    ahead: int = 0
    full_us: int = 0


class RateLimiter(Protocol):
    """Fails open (allowed, counted in ``renga_ratelimit_failed_open_total``) when its store is away."""

    async def take(self, limits: Sequence[Limit], cost: int = 1, ahead: int = 0) -> LimitDecision | None:
        """Count ``cost`` requests against all limits, or none against any if one refuses. None when it failed open.

        Up to ``ahead`` more are counted while plenty remains; limits of several callers give none ahead.
        """
        ...

    async def give_back(self, limits: Sequence[Limit], count: int) -> None:
        """Of one caller's limits, what was counted ahead and not used. What the store does not hear of is lost to the caller."""
        ...
