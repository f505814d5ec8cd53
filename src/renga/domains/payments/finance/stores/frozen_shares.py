"""What open disputes freeze of a merchant's balance."""

import msgspec

from renga.domains.payments.finance.model.frozen import disputed_shares
from renga.domains.payments.model.means import StoredShare
from renga.platform.postgres.calls import Connection

#: Few disputes are open at once.
_OPEN = """
    SELECT p.document ->> 'shares', array_agg(d.amount ORDER BY d.opened_ms, d.id)
    FROM payments.disputes d JOIN payments.payments p ON p.id = d.payment
    WHERE d.state = 'opened' AND d.currency = $1 AND p.document -> 'shares' @> $2::jsonb
    GROUP BY p.id
"""

_shares = msgspec.json.Decoder(tuple[StoredShare, ...])


async def frozen_of(connection: Connection, merchant: str, currency: str) -> int:
    """Minor units of the merchant's shares that open disputes are about."""
    wanted = msgspec.json.encode([{"merchant": merchant}]).decode()
    rows = await connection.fetch(_OPEN, currency, wanted)
    return sum(disputed_shares(_shares.decode(row[0]), row[1]).get(merchant, 0) for row in rows)
