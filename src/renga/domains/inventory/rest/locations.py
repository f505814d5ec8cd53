"""REST: locations and stock counts, for those who keep stock."""

import msgspec

from renga.domains.catalog.contract import SkuNotFound
from renga.domains.inventory.contract import (
    BundleNotCounted,
    CountChanged,
    CountClosed,
    CountNotFound,
    LevelInvalid,
    LocationInvalid,
    LocationNotFound,
    StockQuantityInvalid,
)
from renga.domains.inventory.contract.levels import StockLocation
from renga.domains.inventory.contract.management import StockManagement
from renga.domains.inventory.model.quantities import milli_of
from renga.domains.inventory.rest.documents import (
    CountBody,
    CountedBody,
    CountView,
    LocationBody,
    LocationsView,
    count_view,
)
from renga.domains.inventory.rest.shared import BODY, KEEPING, NO_STORE, SKU_HELP, keep_access
from renga.platform.http.lean import Answer, Call, Operation

_location = msgspec.json.Decoder(LocationBody)
_count = msgspec.json.Decoder(CountBody)
_counted = msgspec.json.Decoder(CountedBody)
_encode = msgspec.json.encode
_ID_HELP = {"id": "A UUID of your choice."}


def operations(stock: StockManagement) -> list[Operation]:
    """The operations below ``/v1/inventory/locations`` and ``/v1/inventory/counts``."""
    return [*_locations(stock), *_counts(stock)]


def _locations(stock: StockManagement) -> list[Operation]:
    async def listed(call: Call) -> Answer:
        view = LocationsView(items=list(await stock.locations(call.caller)))
        return Answer(200, _encode(view), [NO_STORE])

    async def put(call: Call) -> Answer:
        body: LocationBody = call.decode(_location)
        location = StockLocation(code=call.parameters["code"], **msgspec.structs.asdict(body))
        return Answer(200, _encode(await stock.put_location(call.caller, location)), [NO_STORE])

    return [
        Operation(
            method="GET", path="/v1/inventory/locations", handler=listed, access=keep_access(), rate="read",
            id="listStockLocations", summary="Where stock is kept", tag="inventory", answer=LocationsView,
            errors=KEEPING,
        ),
        Operation(
            method="PUT", path="/v1/inventory/locations/{code}", handler=put, access=keep_access(), rate="write",
            id="putStockLocation", summary="Create or change a location", tag="inventory", body=LocationBody,
            answer=StockLocation, path_help={"code": "The code of the location."},
            errors=(*KEEPING, LocationInvalid, LocationNotFound, *BODY), example={"name": "Recife", "country": "BR"},
        ),
    ]  # fmt: skip


def _counts(stock: StockManagement) -> list[Operation]:
    async def read(call: Call) -> Answer:
        return Answer(200, _encode(count_view(await stock.count(call.caller, call.parameters["id"]))), [NO_STORE])

    async def put(call: Call) -> Answer:
        body: CountBody = call.decode(_count)
        count = await stock.put_count(call.caller, call.parameters["id"], location=body.location, state=body.state)
        return Answer(200, _encode(count_view(count)), [NO_STORE])

    async def counted(call: Call) -> Answer:
        body: CountedBody = call.decode(_counted)
        milli = milli_of(body.counted, field="counted")
        count = await stock.count_sku(call.caller, call.parameters["id"], call.parameters["sku"], milli)
        return Answer(200, _encode(count_view(count)), [NO_STORE])

    moves = (
        *KEEPING,
        CountNotFound,
        CountClosed,
        CountChanged,
        LocationNotFound,
        SkuNotFound,
        BundleNotCounted,
        LevelInvalid,
        *BODY,
    )
    return [
        Operation(
            method="GET", path="/v1/inventory/counts/{id}", handler=read, access=keep_access(), rate="read",
            id="readStockCount", summary="A stock count", tag="inventory", answer=CountView, path_help=_ID_HELP,
            errors=(*KEEPING, CountNotFound),
        ),
        Operation(
            method="PUT", path="/v1/inventory/counts/{id}", handler=put, access=keep_access(), rate="write",
            id="putStockCount", summary="Open, apply or cancel a stock count", tag="inventory", body=CountBody,
            answer=CountView, path_help=_ID_HELP, errors=moves, example={"location": "default", "state": "open"},
        ),
        Operation(
            method="PUT", path="/v1/inventory/counts/{id}/lines/{sku}", identifiers=("sku",), handler=counted,
            access=keep_access(), rate="write", id="countSku", summary="Record what was counted of a sku",
            tag="inventory", body=CountedBody,
            answer=CountView, path_help={**_ID_HELP, **SKU_HELP}, errors=(*moves, StockQuantityInvalid),
            example={"counted": 48},
        ),
    ]  # fmt: skip
