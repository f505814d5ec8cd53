"""REST: levels, movements and the journal, for those who keep stock."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.domains.catalog.contract import SkuNotFound
from renga.domains.inventory.contract import (
    BundleNotCounted,
    LevelInvalid,
    LevelNotFound,
    LocationNotFound,
    NotEnoughStock,
    StockQuantityInvalid,
)
from renga.domains.inventory.contract.levels import Backorder, LevelUpdate, NewMovement
from renga.domains.inventory.contract.management import PAGE_MAX, StockManagement
from renga.domains.inventory.model.quantities import milli_of
from renga.domains.inventory.rest.documents import (
    JournalView,
    LevelBody,
    LevelsPageView,
    LevelsView,
    MovementBody,
    levels_view,
    movement_view,
)
from renga.domains.inventory.rest.shared import BODY, KEEPING, NO_STORE, REPLAYED_HELP, SKU_HELP, keep_access, once_of
from renga.kernel.identifiers import Identifier
from renga.kernel.once import IdempotencyConflict
from renga.platform.http.lean import Answer, Call, Operation
from renga.platform.http.requests import replayed

_level = msgspec.json.Decoder(LevelBody)
_movement = msgspec.json.Decoder(MovementBody)
_encode = msgspec.json.encode

Limit = Annotated[int, Meta(description=f"Items on the page, from 1 to {PAGE_MAX}.", ge=1, le=PAGE_MAX)]
Cursor = Annotated[
    Annotated[str, Meta(min_length=1)] | None, Meta(description="`next` of the previous page of the same list.")
]


class LevelsQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of the list of levels."""

    low: Annotated[bool, Meta(description="Only skus at or below their alarm threshold.")] = False
    limit: Limit = 20
    cursor: Cursor = None


class JournalQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of the journal."""

    sku: Annotated[Identifier, Meta(description="Whose movements.", examples=["CAN-AURORA-AZ"])]
    limit: Limit = 50
    cursor: Cursor = None


def update_of(body: LevelBody) -> LevelUpdate:
    """Raises StockQuantityInvalid."""
    unset = msgspec.UNSET
    backorder: Backorder | msgspec.UnsetType = unset
    if body.backorder is not unset:
        terms = body.backorder
        limit = None if terms.limit is None else milli_of(terms.limit, field="backorder.limit")
        backorder = Backorder(kind=terms.kind, limit_milli=limit, from_at=terms.from_at)
    return LevelUpdate(
        location=body.location,
        on_hand_milli=unset if body.on_hand is unset else milli_of(body.on_hand, field="on_hand"),
        safety_milli=unset if body.safety is unset else milli_of(body.safety, field="safety"),
        low_milli=body.low if body.low is unset or body.low is None else milli_of(body.low, field="low"),
        backorder=backorder,
        reason=body.reason,
        reference=body.reference,
    )


def operations(stock: StockManagement) -> list[Operation]:
    """The operations below ``/v1/inventory/levels`` and ``/v1/inventory/movements``."""

    async def read(call: Call) -> Answer:
        levels = await stock.level(call.caller, call.parameters["sku"])
        return Answer(200, _encode(levels_view(levels)), [NO_STORE])

    async def put(call: Call) -> Answer:
        body: LevelBody = call.decode(_level)
        levels = await stock.set_level(call.caller, call.parameters["sku"], update_of(body))
        return Answer(200, _encode(levels_view(levels)), [NO_STORE])

    async def listed(call: Call) -> Answer:
        asked = call.query(LevelsQuery)
        page = await stock.levels(call.caller, low=asked.low, cursor=asked.cursor, limit=asked.limit)
        view = LevelsPageView(items=[levels_view(one) for one in page.items], next=page.next)
        return Answer(200, _encode(view), [NO_STORE])

    async def record(call: Call) -> Answer:
        body: MovementBody = call.decode(_movement)
        movement = NewMovement(
            sku=body.sku, quantity_milli=milli_of(body.quantity, field="quantity"), reason=body.reason,
            location=body.location, reference=body.reference, lot=body.lot, expires_on=body.expires_on,
        )  # fmt: skip
        once = once_of(call)
        levels = await stock.record(call.caller, movement, once=once)
        replay = [(name.lower().encode(), value.encode()) for name, value in replayed(once).items()]
        return Answer(200, _encode(levels_view(levels)), [NO_STORE, *replay])

    async def journal(call: Call) -> Answer:
        asked = call.query(JournalQuery)
        page = await stock.journal(call.caller, asked.sku, cursor=asked.cursor, limit=asked.limit)
        view = JournalView(items=[movement_view(one) for one in page.items], next=page.next)
        return Answer(200, _encode(view), [NO_STORE])

    changes = (*KEEPING, SkuNotFound, LocationNotFound, BundleNotCounted, LevelInvalid, StockQuantityInvalid, *BODY)
    return [
        Operation(
            method="GET", path="/v1/inventory/levels", handler=listed, access=keep_access(), rate="read",
            id="listLevels", summary="Counted skus with their levels", tag="inventory", answer=LevelsPageView,
            query=LevelsQuery, errors=(*KEEPING, LevelInvalid),
        ),
        Operation(
            method="GET", path="/v1/inventory/levels/{sku}", identifiers=("sku",), handler=read, access=keep_access(),
            rate="read", id="readLevel", summary="The levels of a sku", tag="inventory", answer=LevelsView, path_help=SKU_HELP,
            errors=(*KEEPING, SkuNotFound, LevelNotFound),
        ),
        Operation(
            method="PUT", path="/v1/inventory/levels/{sku}", identifiers=("sku",), handler=put, access=keep_access(),
            rate="write", id="setLevel", summary="Set what is on hand, and how it is sold", tag="inventory", body=LevelBody,
            answer=LevelsView, path_help=SKU_HELP, errors=changes, example={"on_hand": 50},
            description="The first level of a sku starts its counting: from then on it decides what can be bought.",
        ),
        Operation(
            method="POST", path="/v1/inventory/movements", handler=record, access=keep_access(), rate="write",
            id="recordMovement", summary="Record goods that came or went", tag="inventory", body=MovementBody,
            answer=LevelsView, headers=("Idempotency-Key",), answer_headers=REPLAYED_HELP,
            errors=(*changes, NotEnoughStock, IdempotencyConflict),
            example={"sku": "CAN-AURORA-AZ", "quantity": 24, "reason": "received", "reference": "PO-1042"},
        ),
        Operation(
            method="GET", path="/v1/inventory/movements", handler=journal, access=keep_access(), rate="read",
            id="readJournal", summary="Every movement of a sku, newest first", tag="inventory", answer=JournalView,
            query=JournalQuery, errors=(*KEEPING, SkuNotFound, LevelInvalid),
        ),
    ]  # fmt: skip
