"""REST: place a checkout."""

import msgspec

from renga.domains.orders.contract import (
    CheckoutBusy,
    CheckoutEnded,
    CheckoutHasExpired,
    CheckoutNotFound,
    QuoteChanged,
)
from renga.domains.orders.contract.errors import (
    CheckoutIncomplete,
    IdempotencyKeyRequired,
    NothingPlaced,
    OrderOutOfStock,
    OrderPaymentDeclined,
)
from renga.domains.orders.contract.orders import Order, Orders, PlaceCommand, Placement, PlaceRequest
from renga.domains.orders.rest.shared import BEGIN, BODY, CART, CHECKOUTS, NO_STORE, QUOTE, READ, decoded
from renga.domains.payments.contract.errors import GiftCardNotFound, MethodUnavailable, PaymentInvalid
from renga.domains.pricing.contract import CouponExhausted, CouponUsed, PromotionNotFound
from renga.kernel.once import IdempotencyConflict
from renga.platform.http.lean import Answer, Call, Handler, Operation
from renga.platform.http.requests import REPLAYED, key_of

_request = msgspec.json.Decoder(PlaceRequest)
_encode = msgspec.json.Encoder().encode
_ID_HELP = {"checkout_id": "The checkout's id."}
_FAILED = (
    *READ, *CART, *QUOTE, *BEGIN, CheckoutNotFound, CheckoutHasExpired, CheckoutEnded, CheckoutBusy, CheckoutIncomplete,
    QuoteChanged, OrderOutOfStock, OrderPaymentDeclined, CouponExhausted, CouponUsed, PromotionNotFound, PaymentInvalid,
    MethodUnavailable, GiftCardNotFound,
)  # fmt: skip
_EXAMPLE = {"quote_id": "019aa5d8-0003-7000-8000-000000000001", "payment": {"token": "tok_1"}}

#: What a placement answers: an order, or ``state`` alone (``processing``, or ``action_required`` with ``url``).
PlacedOrder = msgspec.defstruct(
    "PlacedOrder",
    [
        ("state", str),
        ("url", str | None, None),
        *((one.name, one.type, None) for one in msgspec.structs.fields(Order) if one.name != "state"),
    ],
    kw_only=True,
    omit_defaults=True,
)


class PendingPlacement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Before there is an order."""

    state: str
    checkout_id: str
    url: str | None = None


def operations(orders: Orders) -> list[Operation]:
    """``POST /v1/checkouts/{checkout_id}/place`` and ``…/confirm``."""

    async def place(call: Call) -> Answer:
        key = key_of(call.header(b"idempotency-key"))
        if key is None:
            raise IdempotencyKeyRequired()
        request: PlaceRequest = decoded(call, _request)
        prefer = (call.header(b"prefer") or "").lower()
        command = PlaceCommand(request=request, key=key, address=call.client, wait="respond-async" not in prefer)
        checkout_id = call.parameters["checkout_id"]
        return _answer(checkout_id, await orders.place(call.caller, checkout_id, command))

    async def confirm(call: Call) -> Answer:
        checkout_id = call.parameters["checkout_id"]
        return _answer(checkout_id, await orders.confirm(call.caller, checkout_id))

    return [_place(place), _confirm(confirm)]


def _answer(checkout_id: str, placed: Placement) -> Answer:
    headers = [NO_STORE]
    if placed.replayed:
        headers.append((b"idempotency-replayed", b"true"))
    if placed.order is not None:
        headers.append((b"location", f"/v1/orders/{placed.order.id}".encode()))
        return Answer(201 if placed.state == "placed" else 202, _encode(placed.order), headers)
    pending = PendingPlacement(state=placed.state, checkout_id=checkout_id, url=placed.url)
    headers.append((b"retry-after", b"1"))
    return Answer(202, _encode(pending), headers)


def _place(handler: Handler) -> Operation:
    return Operation(
        method="POST", path="/v1/checkouts/{checkout_id}/place", handler=handler, access=CHECKOUTS, rate="checkout",
        id="placeCheckout", summary="Place the order", tag="orders", status=201, further_statuses=(202,),
        body=PlaceRequest, answer=PlacedOrder, path_help=_ID_HELP, headers=("Idempotency-Key", "Prefer"),
        description="201: the order, paid or authorised. 202: an order in the state `awaiting_payment` with `payment.pix` or "
        "`payment.boleto`; `action_required` with `url` (3-D Secure), which `confirm` or the provider's message ends; "
        "`processing` with `Prefer: respond-async`, or if it takes long: repeat the call with its key. The header "
        "`Idempotency-Key` is required: the same key answers the same, whoever of many callers comes first. "
        "`payment_declined` (402) and `out_of_stock` (409) leave the checkout as it was; `quote_changed` has the new `quote`.",
        answer_headers={
            "Idempotency-Replayed": str(REPLAYED.description), "Location": "The order.",
            "Retry-After": "Seconds after which it is worth asking again.",
        },
        errors=(*_FAILED, *BODY, IdempotencyKeyRequired, IdempotencyConflict), example=_EXAMPLE,
    )  # fmt: skip


def _confirm(handler: Handler) -> Operation:
    return Operation(
        method="POST", path="/v1/checkouts/{checkout_id}/confirm", handler=handler, access=CHECKOUTS, rate="checkout",
        id="confirmCheckout", summary="Go on after the buyer was at the provider", tag="orders", status=201,
        further_statuses=(202,), answer=PlacedOrder, path_help=_ID_HELP,
        description="Asks the provider what has become of the payment, and answers as `place` does.",
        answer_headers={"Location": "The order.", "Retry-After": "Seconds after which it is worth asking again."},
        errors=(*_FAILED, NothingPlaced),
    )  # fmt: skip
