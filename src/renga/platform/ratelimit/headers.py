"""``RateLimit-Policy`` and ``RateLimit`` (draft-ietf-httpapi-ratelimit-headers-10): the quota and what is left of it.

A policy's quota ``q`` is the burst, its window ``w`` the seconds until an empty bucket is full again. A client that sends at
most q requests per w seconds is never refused; q/w is the sustained rate.
"""

import math
from functools import lru_cache

from renga.kernel.errors import TooManyRequests
from renga.platform.ratelimit.port import Limit, LimitDecision

_POLICY, _STATE = b"ratelimit-policy", b"ratelimit"

Headers = list[tuple[bytes, bytes]]


def headers(verdict: LimitDecision) -> Headers:
    """After a refusal ``t`` is when to try again, like ``Retry-After``; otherwise when the quota is full again."""
    limit = verdict.limit
    seconds = verdict.reset_s if verdict.allowed else verdict.retry_after_s
    return [
        (_POLICY, _policy(limit.name, limit.per_minute, limit.burst)),
        (_STATE, b'"%b";r=%d;t=%d' % (limit.name.encode(), verdict.remaining, seconds)),
    ]


@lru_cache(maxsize=1_000)
def _policy(name: str, per_minute: int, burst: int) -> bytes:
    return b'"%b";q=%d;w=%d' % (name.encode(), burst, math.ceil(burst * 60 / per_minute))


def refusal(verdict: LimitDecision) -> TooManyRequests:
    """The error for a request over its limit."""
    limit: Limit = verdict.limit
    return TooManyRequests(
        f"at most {limit.burst} at once and {limit.per_minute} a minute",
        retry_after_s=max(verdict.retry_after_s, 1),
        policy=limit.name,
    )
