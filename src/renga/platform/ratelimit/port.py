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


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Of the limits that were asked, the one nearest to refusal. ``remaining`` requests now; ``reset_s``, ``retry_after_s``."""

    allowed: bool
    limit: Limit
    remaining: int
    reset_s: int
    retry_after_s: int


class RateLimiter(Protocol):
    """Fails open (allowed, counted in ``renga_ratelimit_failed_open_total``) when its store is away."""

    async def take(self, limits: Sequence[Limit], cost: int = 1) -> Verdict | None:
        """Count one request against all limits, or against none if one refuses. None when it failed open."""
        ...
