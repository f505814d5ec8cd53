"""REST: checkouts."""

import hashlib

import msgspec

from renga.domains.orders.contract import (
    CartEmpty,
    Checkout,
    CheckoutBusy,
    CheckoutChange,
    CheckoutEnded,
    CheckoutHasExpired,
    CheckoutInvalid,
    CheckoutNotFound,
    CheckoutRequest,
    Checkouts,
)
from renga.domains.orders.rest.examples import CHANGE, REQUEST
from renga.domains.orders.rest.shared import BEGIN, BODY, CART, CHECKOUTS, NO_STORE, QUOTE, READ, decoded
from renga.kernel.address import PostalAddressInvalid
from renga.kernel.email_address import EmailInvalid
from renga.kernel.languages import shop_language
from renga.kernel.once import IdempotencyConflict, Once
from renga.kernel.tax_ids import TaxIdInvalid
from renga.platform.http.lean import Answer, Call, Handler, Operation
from renga.platform.http.requests import REPLAYED, key_of

_request = msgspec.json.Decoder(CheckoutRequest)
_change = msgspec.json.Decoder(CheckoutChange)
_encode = msgspec.json.Encoder().encode
_PATH = "/v1/checkouts/{checkout_id}"
_ID_HELP = {"checkout_id": "The checkout's id. Who has a guest's may use it: treat it as a secret."}
_SAID = (CheckoutInvalid, EmailInvalid, TaxIdInvalid, PostalAddressInvalid)
_STATE = (CheckoutHasExpired, CheckoutEnded, CheckoutBusy, CartEmpty)
_CHANGED = (*READ, *CART, *QUOTE, *_SAID, *_STATE, *BODY)


def operations(checkouts: Checkouts, languages: tuple[str, ...]) -> list[Operation]:
    """``/v1/checkouts``; ``languages`` are the shop's, its own first."""

    def language(call: Call) -> str:
        header = call.header(b"accept-language")
        return "" if header is None else shop_language(header, languages)

    async def start(call: Call) -> Answer:
        request: CheckoutRequest = decoded(call, _request)
        once = _once(call, request)
        checkout, fresh = await checkouts.start(
            call.caller, request, language=language(call) or languages[0], once=once
        )
        headers = [NO_STORE, (b"location", f"/v1/checkouts/{checkout.id}".encode())]
        if once is not None and once.replay.happened:
            headers.append((b"idempotency-replayed", b"true"))
        return Answer(201 if fresh else 200, _encode(checkout), headers)

    async def change(call: Call) -> Answer:
        said: CheckoutChange = decoded(call, _change)
        made = await checkouts.change(call.caller, call.parameters["checkout_id"], said, language=language(call))
        return Answer(200, _encode(made), [NO_STORE])

    async def read(call: Call) -> Answer:
        found = await checkouts.read(call.caller, call.parameters["checkout_id"])
        return Answer(200, _encode(found), [NO_STORE])

    return [_start(start), _patch(change), _get(read)]


def _once(call: Call, request: CheckoutRequest) -> Once | None:
    """A guest's key is the cart's, whose id is a secret. Raises Invalid."""
    key = key_of(call.header(b"idempotency-key"))
    if key is None:
        return None
    owner = call.caller.subject or f"guest {request.cart_id[:40]}"
    fingerprint = hashlib.sha256(msgspec.json.encode(request, order="deterministic")).digest()
    return Once(scope=f"{owner} checkouts", key=key, fingerprint=fingerprint)


def _start(handler: Handler) -> Operation:
    return Operation(
        method="POST", path="/v1/checkouts", handler=handler, access=CHECKOUTS, rate="checkout", id="startCheckout",
        summary="Start the checkout of a cart", tag="orders", status=201, further_statuses=(200,), body=CheckoutRequest,
        answer=Checkout,
        description="Answers 201 with a new checkout, or 200 with the live checkout of the same cart, changed as by PATCH. "
        "The quote is made of fresh offers; `requirements` says what is missing before the order can be placed.",
        headers=("Idempotency-Key", "Accept-Language"),
        answer_headers={"Idempotency-Replayed": str(REPLAYED.description), "Location": "The checkout."},
        errors=(*BEGIN, *_CHANGED, IdempotencyConflict), example=REQUEST,
    )  # fmt: skip


def _patch(handler: Handler) -> Operation:
    return Operation(
        method="PATCH", path=_PATH, handler=handler, access=CHECKOUTS, rate="checkout", id="changeCheckout",
        summary="Change a checkout and quote again", tag="orders", body=CheckoutChange, answer=Checkout,
        description="Members that are left out stay; null removes one. Every change makes a new quote.",
        headers=("Accept-Language",), path_help=_ID_HELP,
        errors=(*BEGIN, *_CHANGED, CheckoutNotFound), example=CHANGE,
    )  # fmt: skip


def _get(handler: Handler) -> Operation:
    return Operation(
        method="GET", path=_PATH, handler=handler, access=CHECKOUTS, rate="read", id="readCheckout",
        summary="Read a checkout", tag="orders", answer=Checkout, path_help=_ID_HELP,
        description="With the quote that was shown last, or with a new one if its life has ended or the cart has changed.",
        errors=(*READ, *CART, *QUOTE, CheckoutNotFound, CheckoutBusy),
    )  # fmt: skip
