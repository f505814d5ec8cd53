"""RuleStore on PostgreSQL: active promotions, policies and tax tables, with the number of their last change."""

import msgspec

from renga.domains.pricing.contract import PricingPolicy, Promotion, TaxTables
from renga.domains.pricing.ports import PricingRules
from renga.domains.pricing.stores.revising import READ, revise
from renga.kernel.events import Event
from renga.platform.outbox.postgres import append
from renga.platform.postgres import calls

_PROMOTIONS = "SELECT document::text FROM pricing.promotions WHERE active ORDER BY position"
_RULES = "SELECT kind, channel, document::text FROM pricing.rules"
_VERSION = "SELECT version FROM pricing.rules WHERE kind = $1 AND channel = $2"
_PUT = """
    INSERT INTO pricing.rules (kind, channel, version, document) VALUES ($1, $2, $3, $4)
    ON CONFLICT (kind, channel) DO UPDATE SET version = excluded.version, document = excluded.document
"""

_encode = msgspec.json.Encoder().encode
_promotion = msgspec.json.Decoder(Promotion)
_policy = msgspec.json.Decoder(PricingPolicy)
_tables = msgspec.json.Decoder(TaxTables)


class PostgresRules:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def revision(self) -> int:
        row = await calls.fetch_row(self._pool, READ)
        return 0 if row is None else row[0]

    async def rules(self) -> PricingRules:
        async with calls.reading(self._pool) as connection, connection.transaction(isolation="repeatable_read"):
            number = await connection.fetchval(READ)
            promotions = [_promotion.decode(row[0]) for row in await connection.fetch(_PROMOTIONS)]
            rows = await connection.fetch(_RULES)
        policies = {row[1]: _policy.decode(row[2]) for row in rows if row[0] == "policy"}
        tables = next((_tables.decode(row[2]) for row in rows if row[0] == "taxes"), TaxTables())
        return PricingRules(revision=number, promotions=tuple(promotions), policies=policies, tables=tables)

    async def put_tables(self, tables: TaxTables, event: Event) -> bool:
        return await self._put("taxes", "", tables.version, _encode(tables), event)

    async def policy_version(self, channel: str) -> int:
        row = await calls.fetch_row(self._pool, _VERSION, "policy", channel)
        return 0 if row is None else row[0]

    async def put_policy(self, channel: str, policy: PricingPolicy, version: int, event: Event) -> bool:
        return await self._put("policy", channel, version, _encode(policy), event)

    async def _put(self, kind: str, channel: str, version: int, document: bytes, event: Event) -> bool:
        async with calls.transaction(self._pool) as connection:
            await revise(connection)
            if (await connection.fetchval(_VERSION, kind, channel) or 0) != version - 1:
                return False
            await connection.execute(_PUT, kind, channel, version, document.decode())
            await append(connection, "pricing", [event])
        return True
