"""How long things take, in milliseconds of the provider's clock."""

import msgspec


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """``life_ms`` of an authorisation, ``short_life_ms`` of the number for it; ``refund_ms``: how long a slow refund takes;
    ``dispute_ms``: after which a number disputes by itself; ``challenge_ms``: how long a buyer may take.
    """

    life_ms: int = 7 * 86_400_000
    short_life_ms: int = 60_000
    refund_ms: int = 10_000
    dispute_ms: int = 2_000
    challenge_ms: int = 3_600_000
