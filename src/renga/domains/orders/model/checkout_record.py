"""A checkout as it is kept."""

from typing import Literal

import msgspec

from renga.domains.orders.contract import CheckoutState, ConsentGiven
from renga.kernel.address import PostalAddress


class CheckoutDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the buyer said. ``country`` counts while there is no shipping address."""

    email: str | None = None
    tax_id: str | None = None
    country: str | None = None
    shipping_address: PostalAddress | None = None
    billing_address: PostalAddress | None = None
    shipping_option: str | None = None
    payment_method: Literal["card", "pix", "boleto"] | None = None
    instalments: int = 1
    gift_cards: tuple[str, ...] = ()
    coupons: tuple[str, ...] = ()
    consents: dict[str, ConsentGiven] = {}
    language: str = ""


#: Nothing was said.
NO_DETAILS = CheckoutDetails()


class CheckoutRecord(msgspec.Struct, frozen=True, kw_only=True):
    """``version`` grows with each change; ``quote_id`` is the quote that was shown last; times are Unix milliseconds."""

    id: str
    cart_id: str
    customer: str | None
    state: CheckoutState
    version: int
    created_ms: int
    expires_ms: int
    ended_ms: int | None = None
    quote_id: str | None = None
    details: CheckoutDetails = NO_DETAILS


def new_record(checkout_id: str, cart_id: str, customer: str | None, now_ms: int, life_s: int) -> CheckoutRecord:
    """An open checkout of which nobody has seen anything."""
    return CheckoutRecord(
        id=checkout_id,
        cart_id=cart_id,
        customer=customer,
        state="open",
        version=1,
        created_ms=now_ms,
        expires_ms=now_ms + life_s * 1000,
    )
