"""Shared by the operations of orders: access, errors, headers, bodies."""

from typing import Any

import msgspec

from renga.domains.cart.contract import (
    CartAlreadyCompleted,
    CartBusy,
    CartHasExpired,
    CartMergedAway,
    CartNotFound,
    CartOutcomeUnknown,
    CartTooLarge,
    StoreUnavailable,
    VersionConflict,
)
from renga.domains.orders.contract import ANY_ORDER, OWN_ORDERS
from renga.domains.pricing.contract import (
    QuoteAmountTooLarge,
    QuoteQuantityInvalid,
    QuoteTooLarge,
    ShippingOptionUnknown,
    TaxUnavailable,
)
from renga.kernel.buyer_terms import TermsInvalid
from renga.kernel.caller import InsufficientScope
from renga.kernel.destination import PostalCodeInvalid
from renga.kernel.errors import (
    Forbidden,
    Invalid,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)
from renga.platform.auth.access import Access
from renga.platform.http.lean import Call
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType

READ = (Unauthenticated, Forbidden, InsufficientScope, TooManyRequests, Invalid, Unavailable)
BODY = (InvalidJson, UnsupportedMediaType, TooLarge, Unprocessable)
#: What the cart and pricing may say to a quote.
CART = (CartHasExpired, CartMergedAway, CartBusy, CartAlreadyCompleted, StoreUnavailable, CartOutcomeUnknown)
BEGIN = (CartNotFound, CartTooLarge, VersionConflict)
QUOTE = (
    TermsInvalid,
    PostalCodeInvalid,
    QuoteTooLarge,
    QuoteQuantityInvalid,
    QuoteAmountTooLarge,
    ShippingOptionUnknown,
    TaxUnavailable,
)
NO_STORE = (b"cache-control", b"private, no-store")

CHECKOUTS = Access(
    scopes=(OWN_ORDERS,),
    instead=(ANY_ORDER,),
    guest=True,
    objects="a guest's checkout by its id; the customer's own checkouts; every one with `orders:any`",
)


def decoded(call: Call, decoder: "msgspec.json.Decoder[Any]") -> Any:
    """The body as the decoder's type; a whole number may be written ``3.0``, which JSON Schema calls an integer.

    Raises UnsupportedMediaType, InvalidJson, Invalid.
    """
    try:
        return call.decode(decoder)
    except InvalidJson:
        raise
    except Invalid:
        try:
            return msgspec.convert(_whole(call.decode(_any)), decoder.type)
        except msgspec.ValidationError:
            pass
        raise


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {name: _whole(one) for name, one in value.items()}
    return value


_any = msgspec.json.Decoder(Any)
