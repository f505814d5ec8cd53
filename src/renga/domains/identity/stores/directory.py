"""Pages of all accounts and merchants, from PostgreSQL."""

from collections.abc import Sequence

from renga.domains.identity.accounts.model.values import Person
from renga.domains.identity.contract import MerchantStanding, MerchantStatus, Stakeholder
from renga.domains.identity.stores.accounts import PERSON, person_from
from renga.domains.identity.stores.work import PostgresStore, merchant

_PEOPLE = f"""
    {PERSON} a.erased_ms IS NULL AND ($1::text IS NULL OR a.email = $1) AND ($2::text IS NULL OR $2 = ANY(a.stakeholders))
        AND ($3::uuid IS NULL OR a.id < $3) ORDER BY a.id DESC LIMIT $4
"""
_MERCHANTS = """
    SELECT m.id::text, m.name, m.slug, m.created_ms, m.status, m.reason,
           (SELECT count(*) FROM identity.members n WHERE n.merchant_id = m.id)
    FROM identity.merchants m WHERE m.closed_ms IS NULL AND ($1::uuid IS NULL OR m.id < $1)
        AND ($3::text IS NULL OR m.status = $3) ORDER BY m.id DESC LIMIT $2
"""


class PostgresDirectory(PostgresStore):
    """Implements ``administration.ports.Directory``."""

    async def people(
        self, email: str | None, stakeholder: Stakeholder | None, before: str | None, limit: int
    ) -> Sequence[Person]:
        return [person_from(row) for row in await self._fetch(_PEOPLE, email, stakeholder, before, limit)]

    async def merchants(
        self, status: MerchantStatus | None, before: str | None, limit: int
    ) -> Sequence[MerchantStanding]:
        rows = await self._fetch(_MERCHANTS, before, limit, status)
        return [MerchantStanding(merchant=merchant(row), members=row[6]) for row in rows]
