"""Velocity: many declines of one checkout, or from one address, mean that somebody tries cards. Only declines count."""

from collections.abc import Sequence

import msgspec

#: How long to wait for attempts that have no answer yet, and how long such an attempt counts.
OPEN_ATTEMPT_PAUSE_MS, ATTEMPT_MS = 5_000, 60_000


class VelocityRule(msgspec.Struct, frozen=True):
    """After ``declines`` within ``window_s`` there is a pause of ``pause_s``, counted from the latest decline.

    After the pause one more attempt is possible; if it is declined too, there is another pause, until fewer declines are left
    in the window.
    """

    declines: int
    window_s: int
    pause_s: int


class VelocityRules(msgspec.Struct, frozen=True, kw_only=True):
    """The rule for one checkout, and for the client's address."""

    reference: VelocityRule = VelocityRule(5, 3_600, 900)
    address: VelocityRule = VelocityRule(50, 3_600, 900)


def pause_left_ms(rule: VelocityRule, declined_ms: Sequence[int], *, open_attempts: int, now_ms: int) -> int | None:
    """How long no attempt is possible; None: one is possible now.

    ``declined_ms`` are times of declines, in any order. ``open_attempts`` (authorisations that have no answer yet) count as
    declines of now, so that parallel attempts do not get past the rule; they end soon, so the pause is short.
    """
    since_ms = now_ms - rule.window_s * 1000
    recent = [at_ms for at_ms in declined_ms if at_ms > since_ms]
    if len(recent) >= rule.declines:
        left_ms = max(recent) + rule.pause_s * 1000 - now_ms
        if left_ms > 0:
            return left_ms
        return OPEN_ATTEMPT_PAUSE_MS if open_attempts else None
    return OPEN_ATTEMPT_PAUSE_MS if len(recent) + open_attempts >= rule.declines else None
