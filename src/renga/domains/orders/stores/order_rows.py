"""Rows of attempts and orders, and what writes them in an open transaction."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from renga.domains.orders.model.advancing_orders import OrderChange
from renga.domains.orders.model.order_record import OrderRecord, OrderStanding
from renga.domains.orders.model.placing import Placing
from renga.domains.orders.ports.orders import AttemptState, PlacingAttempt
from renga.kernel.events import Event
from renga.platform.outbox.postgres import append
from renga.platform.postgres import calls

ATTEMPT = """
    id::text, key, fingerprint, cart_id::text, checkout_id::text, order_id::text, process_id, state, created_ms, answer::text
"""
ORDER = """
    id::text, number, checkout_id::text, cart_id::text, customer, state, version, created_ms, changed_ms, standing::text,
    document::text
"""
# a key that another call has, and a cart that has a live attempt, give no row
_INSERT_ATTEMPT = """
    INSERT INTO orders.attempts (id, key, fingerprint, cart_id, checkout_id, order_id, process_id, state, created_ms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, 'live', $8) ON CONFLICT DO NOTHING RETURNING true
"""
_ANSWER = """
    UPDATE orders.attempts SET answer = $2::text::jsonb, state = $3,
        ended_ms = CASE WHEN $3 = 'live' THEN NULL ELSE $4::bigint END
    WHERE id = $1 AND state = 'live'
"""
# with the order, what is added to its two lists; $1 … of both statements are its parameters
_LISTS = """
    events AS (
        INSERT INTO orders.order_events (order_id, sequence, type, at_ms, data)
        SELECT written.id, $2 + place, type, at_ms, data::jsonb
        FROM written, unnest($3::text[], $4::bigint[], $5::text[]) WITH ORDINALITY AS given (type, at_ms, data, place)
    ),
    owed AS (
        INSERT INTO orders.order_adjustments (order_id, sequence, kind, amount, reason, at_ms)
        SELECT written.id, $6 + place, kind, amount, reason, at_ms
        FROM written, unnest($7::text[], $8::bigint[], $9::text[], $10::bigint[])
            WITH ORDINALITY AS given (kind, amount, reason, at_ms, place)
    )
    SELECT true FROM written
"""
# a number that another order has gives no row
_INSERT_ORDER = f"""
    WITH written AS (
        INSERT INTO orders.orders (id, number, checkout_id, cart_id, customer, merchants, state, version, created_ms,
            changed_ms, standing, document)
        VALUES ($1, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20::text::jsonb, $21::text::jsonb)
        ON CONFLICT (number) DO NOTHING RETURNING id
    ), {_LISTS}
"""
_UPDATE_ORDER = f"""
    WITH written AS (
        UPDATE orders.orders SET state = $11, version = $12, changed_ms = $13, standing = $14::text::jsonb
        WHERE id = $1 RETURNING id
    ), {_LISTS}
"""

_encode = msgspec.json.Encoder().encode
_standing = msgspec.json.Decoder(OrderStanding)
_placing = msgspec.json.Decoder(Placing)


async def insert_attempt(connection: calls.Connection, attempt: PlacingAttempt) -> bool:
    """False: another call has the key, or the cart has a live attempt."""
    ids = UUID(attempt.cart_id), UUID(attempt.checkout_id), UUID(attempt.order_id)
    row = UUID(attempt.id), attempt.key, attempt.fingerprint, *ids, attempt.process_id, attempt.created_ms
    return bool(await connection.fetchval(_INSERT_ATTEMPT, *row))


async def answer_attempt(
    connection: calls.Connection, attempt_id: str, answer: Any, state: AttemptState, now_ms: int
) -> None:
    """Keep what calls with its key are told; what ended stays as it is."""
    await connection.execute(_ANSWER, UUID(attempt_id), _encode(answer).decode(), state, now_ms)


async def insert_order(connection: calls.Connection, change: OrderChange, events: Sequence[Event]) -> bool:
    """False: its number is another order's."""
    order = change.order
    row = (
        order.number, UUID(order.checkout_id), UUID(order.cart_id), order.customer, list(order.merchants), order.state,
        order.version, order.created_ms, order.changed_ms, _encode(order.standing).decode(), _encode(order.placing).decode(),
    )  # fmt: skip
    if not await connection.fetchval(_INSERT_ORDER, *_lists(change), *row):
        return False
    await append(connection, "orders", events)
    return True


async def update_order(connection: calls.Connection, change: OrderChange, events: Sequence[Event]) -> None:
    order = change.order
    row = order.state, order.version, order.changed_ms, _encode(order.standing).decode()
    await connection.fetchval(_UPDATE_ORDER, *_lists(change), *row)
    await append(connection, "orders", events)


def _lists(change: OrderChange) -> tuple[Any, ...]:
    """The parameters of ``_LISTS``: the order, and what is new in each list after how many."""
    order, notes, owed = change.order, change.notes, change.adjustments
    return (
        UUID(order.id),
        order.standing.events - len(notes),
        [one.type for one in notes],
        [one.at_ms for one in notes],
        [_encode(one.data).decode() for one in notes],
        order.standing.adjustments - len(owed),
        *([getattr(one, name) for one in owed] for name in ("kind", "amount", "reason", "at_ms")),
    )


def attempt_of(row: Any) -> PlacingAttempt:
    """A row of ``ATTEMPT`` as the value."""
    return PlacingAttempt(
        id=row[0], key=row[1], fingerprint=row[2], cart_id=row[3], checkout_id=row[4], order_id=row[5], process_id=row[6],
        state=row[7], created_ms=row[8], answer=None if row[9] is None else msgspec.json.decode(row[9]),
    )  # fmt: skip


def order_of(row: Any) -> OrderRecord:
    """A row of ``ORDER`` as the value."""
    return OrderRecord(
        id=row[0], number=row[1], checkout_id=row[2], cart_id=row[3], customer=row[4], state=row[5], version=row[6],
        created_ms=row[7], changed_ms=row[8], standing=_standing.decode(row[9]), placing=_placing.decode(row[10]),
    )  # fmt: skip
