"""Writes a batch of product changes with their offers, placements and events in an open transaction."""

from collections.abc import Iterator, Sequence

import msgspec

from renga.domains.catalog.contract import Category
from renga.domains.catalog.model import ProductWrite, offers_of
from renga.domains.catalog.ports import StaleWrite
from renga.domains.catalog.stores.postgres import sql
from renga.domains.catalog.stores.postgres.connecting import Connection
from renga.platform.outbox.postgres import APPEND_MAX, append

_encode = msgspec.json.Encoder().encode


class _ProductPlace(msgspec.Struct, frozen=True):
    """A written product's position and rule collections."""

    position: int
    gathered: tuple[str, ...]


async def write_changes(connection: Connection, changes: Sequence[ProductWrite]) -> None:
    """Raises StaleWrite if a product is not at the expected version; the caller's transaction then rolls back."""
    taxonomy = {slug: title for change in changes for slug, title in change.taxonomy.items()}
    if taxonomy:
        missing = [_encode(Category(slug=slug, title=title)).decode() for slug, title in taxonomy.items()]
        await connection.execute(sql.ADD_MISSING_CATEGORIES, list(taxonomy), missing)
    changed = [c for c in changes if not c.is_new]
    places = await _insert(connection, [c for c in changes if c.is_new]) | await _update(connection, changed)
    if len(places) != len(changes):
        raise StaleWrite
    if changed:
        old = [places[c.product.id].position for c in changed]
        await connection.execute(sql.DROP_VARIANTS, old)
        await connection.execute(sql.DROP_PLACEMENTS, old)
    await _insert_variants(connection, changes, places)
    await _insert_placements(connection, changes, places)
    events = [event for change in changes for event in change.events]
    for start in range(0, len(events), APPEND_MAX):
        await append(connection, "catalog", events[start : start + APPEND_MAX])


async def _insert(connection: Connection, changes: Sequence[ProductWrite]) -> dict[str, _ProductPlace]:
    if not changes:
        return {}
    rows = await connection.fetch(
        sql.INSERT_PRODUCTS, [c.product.id for c in changes], [c.product.slug for c in changes], *_columns(changes)
    )
    return {row[0]: _ProductPlace(row[1], row[2]) for row in rows}


async def _update(connection: Connection, changes: Sequence[ProductWrite]) -> dict[str, _ProductPlace]:
    if not changes:
        return {}
    rows = await connection.fetch(
        sql.UPDATE_PRODUCTS, [c.product.id for c in changes], [c.product.version for c in changes], *_columns(changes)
    )
    return {row[0]: _ProductPlace(row[1], row[2]) for row in rows}


def _columns(changes: Sequence[ProductWrite]) -> tuple[list[str | None], ...]:
    """The document and the indexed columns."""
    products = [change.product for change in changes]
    return (
        [_encode(product).decode() for product in products],
        [product.merchant for product in products],
        [product.status for product in products],
        [product.type for product in products],
        [product.due_at for product in products],
    )


async def _insert_variants(
    connection: Connection, changes: Sequence[ProductWrite], places: dict[str, _ProductPlace]
) -> None:
    rows = [(places[c.product.id].position, sku, offer) for c in changes for sku, offer in _offers(c)]
    await connection.execute(
        sql.INSERT_VARIANTS, [sku for _, sku, _ in rows], [at for at, _, _ in rows], [offer for _, _, offer in rows]
    )


def _offers(change: ProductWrite) -> Iterator[tuple[str, str | None]]:
    """Every sku with its offer; None if the product is sold nowhere."""
    if not change.product.channels:
        yield from ((variant.sku, None) for variant in change.product.variants)
    for offer in offers_of(change.product):
        yield offer.sku, _encode(offer).decode()


async def _insert_placements(
    connection: Connection, changes: Sequence[ProductWrite], places: dict[str, _ProductPlace]
) -> None:
    rows = [
        (shelf, channel, places[c.product.id].position)
        for c in changes
        for channel in c.product.channels
        for shelf in (
            sql.ALL_PRODUCTS,
            *c.product.categories,
            *(f"{sql.GATHERED}{slug}" for slug in places[c.product.id].gathered),
        )
    ]
    if rows:
        await connection.execute(
            sql.INSERT_PLACEMENTS, [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]
        )
