"""Velocity on PostgreSQL. Declines are counted where they are kept: the payments themselves, so that none is lost or counted
twice, whoever crashes.
"""

from renga.domains.payments.contract.errors import TooManyAttempts
from renga.domains.payments.risk.model.velocity import ATTEMPT_MS, VelocityRule, pause_left_ms
from renga.domains.payments.risk.settings import RiskSettings
from renga.kernel.clock import Clock
from renga.platform.postgres import calls

#: Only the newest declines matter: as many as the rule allows. Attempts of the same reference without an answer count, too.
_DECLINES = """
    SELECT
    ARRAY(SELECT updated_ms FROM payments.payments WHERE state = 'declined' AND reference = $1 AND updated_ms > $3
          ORDER BY updated_ms DESC LIMIT $4),
    ARRAY(SELECT updated_ms FROM payments.payments WHERE state = 'declined' AND document #>> '{payer,address}' = $2
          AND updated_ms > $3 ORDER BY updated_ms DESC LIMIT $5),
    (SELECT count(*) FROM payments.payments
     WHERE reference = $1 AND state IN ('created', 'unknown') AND created_ms > $6)
"""


class PostgresVelocity:
    """Implements ``ports.risk.Velocity``."""

    def __init__(self, pool: calls.Pool, settings: RiskSettings, clock: Clock) -> None:
        self._pool, self._clock = pool, clock
        self._reference, self._address = settings.by_reference(), settings.by_address()

    async def check(self, reference: str, address: str | None) -> None:
        now_ms, window_s = self._clock.now_ms(), max(self._reference.window_s, self._address.window_s)
        row = await calls.fetch_row(
            self._pool, _DECLINES, reference, address, now_ms - window_s * 1000, self._reference.declines,
            self._address.declines, now_ms - ATTEMPT_MS,
        )  # fmt: skip
        assert row is not None  # a SELECT without FROM has one row
        _check(self._reference, row[0], row[2], now_ms, "this reference")
        _check(self._address, row[1], 0, now_ms, "this address")


def _check(rule: VelocityRule, declined_ms: list[int], open_attempts: int, now_ms: int, what: str) -> None:
    left_ms = pause_left_ms(rule, declined_ms, open_attempts=open_attempts, now_ms=now_ms)
    if left_ms is not None:
        wait_s = -(-left_ms // 1000)
        raise TooManyAttempts(f"too many declines of {what}: wait {wait_s} seconds", retry_after_s=wait_s)
