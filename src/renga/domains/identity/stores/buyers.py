"""Customer groups, tax numbers and exemptions in PostgreSQL."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec

from renga.domains.identity.buyers.model import effective_groups
from renga.domains.identity.buyers.ports import BuyerWork
from renga.domains.identity.contract import (
    BuyerProfile,
    CustomerGroup,
    GroupCustomer,
    GroupNames,
    TaxExemption,
    TaxIdentity,
)
from renga.domains.identity.contract.events import BuyerFactsChanged
from renga.domains.identity.stores import buyers_sql as sql
from renga.domains.identity.stores.accounts import SCHEMA, SOURCE
from renga.domains.identity.stores.work import PostgresStore, PostgresWork
from renga.kernel.buyer_terms import VerifiedFacts
from renga.kernel.clock import from_rfc3339, rfc3339
from renga.kernel.events import Event
from renga.kernel.facts import also_of
from renga.kernel.ids import IdSource
from renga.platform.outbox.postgres import append

_names = msgspec.json.Decoder(GroupNames)


class PostgresBuyerWork(PostgresWork):
    """``BuyerWork`` on an open transaction."""

    async def lock_groups(self) -> None:
        await self.connection.execute(sql.LOCK_GROUPS)

    async def find_groups(self, codes: Sequence[str]) -> dict[str, CustomerGroup]:
        rows = await self.connection.fetch(sql.FIND_GROUPS, [code for code in codes if "\0" not in code])
        return {row[0]: _group(row) for row in rows}

    async def count_groups(self, merchant_id: str | None) -> int:
        return int(await self.connection.fetchval(sql.COUNT_GROUPS, merchant_id))

    async def put_group(self, group: CustomerGroup) -> None:
        name = msgspec.json.encode(group.name).decode()
        await self.connection.execute(sql.PUT_GROUP, group.code, group.merchant_id, name, self.now_ms)

    async def remove_group(self, code: str) -> tuple[str, ...]:
        rows = await self.connection.fetch(sql.ACCOUNTS_IN, code)
        await self.connection.execute("DELETE FROM identity.customer_groups WHERE code = $1", code)
        return tuple(row[0] for row in rows)

    async def give_groups(self, account_id: str, codes: Sequence[str]) -> bool:
        gone = await self.connection.fetch(sql.TAKE_GROUPS, account_id, codes)
        came = await self.connection.fetch(sql.GIVE_GROUPS, account_id, codes, self.now_ms)
        back = await self.connection.fetch(sql.RETURN_TO_GROUPS, account_id, codes)
        return bool(gone or came or back)

    async def count_addresses(self, code: str) -> int:
        return int(
            await self.connection.fetchval("SELECT count(*) FROM identity.group_addresses WHERE code = $1", code)
        )

    async def put_address(self, code: str, email: str) -> bool:
        return bool(await self.connection.fetchrow(sql.PUT_ADDRESS, code, email, self.now_ms))

    async def drop_address(self, code: str, email: str) -> bool:
        return bool(await self.connection.fetchrow(sql.DROP_ADDRESS, code, email))

    async def leave(self, account_id: str, code: str) -> None:
        await self.connection.execute(sql.LEAVE, account_id, code, self.now_ms)

    async def tax(self, account_id: str) -> TaxIdentity | None:
        row = await self.connection.fetchrow(sql.TAX, account_id)
        return _tax(row) if row else None

    async def put_tax(self, account_id: str, tax: TaxIdentity | None) -> None:
        if tax is None:
            await self.connection.execute(sql.PUT_TAX, account_id, None, None, "", False, None, None)
            return
        verified_ms = None if tax.verified_at is None else from_rfc3339(tax.verified_at)
        stated_ms = from_rfc3339(tax.stated_at)
        await self.connection.execute(
            *(sql.PUT_TAX, account_id, tax.country, tax.tax_id, tax.company, tax.is_company, stated_ms, verified_ms)
        )

    async def put_exemption(self, account_id: str, exemption: TaxExemption | None) -> None:
        number, until = (None, None) if exemption is None else (exemption.certificate, exemption.expires_at)
        until_ms = None if until is None else from_rfc3339(until)
        await self.connection.execute(sql.PUT_EXEMPTION, account_id, number, until_ms)

    async def announce(self, account_ids: Iterable[str], new_id: IdSource) -> None:
        accounts = sorted(account_ids)
        await self.connection.execute(sql.LOCK_ACCOUNTS, accounts)
        rows = await self.connection.fetch(sql.NEXT_VERSIONS, accounts)
        events = []
        for account_id, version in rows:
            data = msgspec.to_builtins(BuyerFactsChanged(account_id=account_id))
            event = Event(
                id=new_id(),
                source=SOURCE,
                type=BuyerFactsChanged.TYPE,
                subject=account_id,
                time=rfc3339(self.now_ms),
                data=data,
                sequence=version,
                also=also_of(BuyerFactsChanged, data),
            )
            events.append(event)
        if events:
            await append(self.connection, SCHEMA, events)


class PostgresBuyers(PostgresStore):
    """``BuyerStore`` on a pool whose database has this domain's migrations."""

    @asynccontextmanager
    async def work(self) -> AsyncIterator[BuyerWork]:
        async with self._transaction() as connection:
            yield PostgresBuyerWork(connection, self._answers, self._clock)

    async def facts(self, account_id: str) -> VerifiedFacts:
        groups = effective_groups([row[0] for row in await self._fetch(sql.GROUPS_OF, account_id)])
        rows = await self._fetch(sql.BUYER, account_id)
        if not rows:
            return VerifiedFacts(groups=groups)
        row = rows[0]
        verified, exempt = row["verified_ms"] is not None, self._is_valid(row)
        return VerifiedFacts(
            groups=groups,
            tax_id=row["tax_id"] if verified else None,
            company=verified and row["is_company"],
            exemption=row["certificate"] if exempt else None,
        )

    async def profile(self, account_id: str) -> BuyerProfile | None:
        if not await self._fetch(sql.ACCOUNT, account_id):
            return None
        found = {row[0]: _group(row) for row in await self._fetch(sql.GROUPS_OF, account_id)}
        rows = await self._fetch(sql.BUYER, account_id)
        tax = _tax(rows[0]) if rows and rows[0]["tax_id"] is not None else None
        exemption = _exemption(rows[0]) if rows and rows[0]["certificate"] is not None else None
        groups = tuple(found[code] for code in effective_groups(list(found)))
        return BuyerProfile(account_id=account_id, groups=groups, tax=tax, exemption=exemption)

    async def groups(self, merchant_id: str | None = None) -> tuple[CustomerGroup, ...]:
        return tuple(_group(row) for row in await self._fetch(sql.GROUPS, merchant_id))

    async def customers(self, code: str) -> tuple[GroupCustomer, ...]:
        rows = await self._fetch(sql.CUSTOMERS, code)
        return tuple(GroupCustomer(email=row[0], since_at=rfc3339(row[1])) for row in rows)

    def _is_valid(self, row: Any) -> bool:
        until_ms = row["certificate_until"]
        return row["certificate"] is not None and (until_ms is None or self._clock.now_ms() < until_ms)


def _group(row: "asyncpg.Record") -> CustomerGroup:
    """From code, name, merchant_id."""
    return CustomerGroup(code=row[0], name=_names.decode(row[1]), merchant_id=row[2])


def _tax(row: Any) -> TaxIdentity:
    return TaxIdentity(
        country=row["country"],
        tax_id=row["tax_id"],
        company=row["company"],
        is_company=row["is_company"],
        stated_at=rfc3339(row["stated_ms"]),
        verified_at=None if row["verified_ms"] is None else rfc3339(row["verified_ms"]),
    )


def _exemption(row: Any) -> TaxExemption:
    until_ms = row["certificate_until"]
    return TaxExemption(certificate=row["certificate"], expires_at=None if until_ms is None else rfc3339(until_ms))
