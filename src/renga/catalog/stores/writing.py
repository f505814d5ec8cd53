"""Writes a batch of product changes with their offers, shelves and events on one open transaction."""

from collections.abc import Sequence

import asyncpg
import msgspec

from renga.catalog.contract import Category
from renga.catalog.model import Change, offers_of
from renga.catalog.ports import StaleWrite
from renga.catalog.stores import sql
from renga.platform.outbox.postgres import APPEND_MAX, append

_encode = msgspec.json.Encoder().encode


async def write_changes(connection: "asyncpg.Connection[asyncpg.Record]", changes: Sequence[Change]) -> None:
    """Raises StaleWrite when a product is not as the changes expect it; the caller's transaction then rolls back."""
    shelves = {slug: title for change in changes for slug, title in change.shelves.items()}
    if shelves:
        missing = [_encode(Category(slug=slug, title=title)).decode() for slug, title in shelves.items()]
        await connection.execute(sql.ADD_MISSING_CATEGORIES, list(shelves), missing)
    created = [c for c in changes if c.is_new]
    changed = [c for c in changes if not c.is_new]
    positions = await _insert(connection, created) | await _update(connection, changed)
    if len(positions) != len(changes):
        raise StaleWrite
    if changed:
        old = [positions[c.product.id] for c in changed]
        await connection.execute(sql.DROP_VARIANTS, old)
        await connection.execute(sql.DROP_PLACEMENTS, old)
    await _insert_offers(connection, changes, positions)
    events = [event for change in changes for event in change.events]
    for start in range(0, len(events), APPEND_MAX):
        await append(connection, "catalog", events[start : start + APPEND_MAX])


async def _insert(connection: "asyncpg.Connection[asyncpg.Record]", changes: Sequence[Change]) -> dict[str, int]:
    if not changes:
        return {}
    rows = await connection.fetch(
        sql.INSERT_PRODUCTS,
        [c.product.id for c in changes],
        [c.product.slug for c in changes],
        [_encode(c.product).decode() for c in changes],
    )
    return {row[0]: row[1] for row in rows}


async def _update(connection: "asyncpg.Connection[asyncpg.Record]", changes: Sequence[Change]) -> dict[str, int]:
    if not changes:
        return {}
    rows = await connection.fetch(
        sql.UPDATE_PRODUCTS,
        [c.product.id for c in changes],
        [c.product.version for c in changes],
        [_encode(c.product).decode() for c in changes],
    )
    return {row[0]: row[1] for row in rows}


async def _insert_offers(
    connection: "asyncpg.Connection[asyncpg.Record]", changes: Sequence[Change], positions: dict[str, int]
) -> None:
    offers = [(positions[c.product.id], offer) for c in changes for offer in offers_of(c.product)]
    await connection.execute(
        sql.INSERT_VARIANTS,
        [offer.sku for _, offer in offers],
        [position for position, _ in offers],
        [_encode(offer).decode() for _, offer in offers],
    )
    placed = [(slug, positions[c.product.id]) for c in changes for slug in c.product.categories]
    if placed:
        await connection.execute(
            sql.INSERT_PLACEMENTS, [slug for slug, _ in placed], [position for _, position in placed]
        )
