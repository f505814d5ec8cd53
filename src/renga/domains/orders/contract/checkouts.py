"""Checkouts: a cart on its way to an order. Amounts are Money."""

from typing import Annotated, Literal, Protocol

import msgspec
from msgspec import UNSET, Meta, UnsetType

from renga.domains.payments.contract.payments import OfferedMethod
from renga.domains.pricing.contract import BuyerQuote
from renga.kernel.address import PostalAddress
from renga.kernel.caller import Caller
from renga.kernel.identifiers import IDENTIFIER
from renga.kernel.money import Money
from renga.kernel.once import Once

#: Scope for the customer's own checkouts and orders; for services: all of them.
OWN_ORDERS = "orders"
ANY_ORDER = "orders:any"
#: Scope for the orders with a part of the caller's merchants.
SOLD_ORDERS = "orders:sold"

#: Limits: gift cards, coupon codes, consents of a checkout.
GIFT_CARDS_MAX, COUPONS_MAX, CONSENTS_MAX = 4, 20, 20
INSTALMENTS_MAX = 24
#: Every JSON parser has whole numbers up to this one.
VERSION_MAX = 2**53 - 1

#: The states of a checkout; ``model/checkout_states.py`` has the moves. Open and placing ones are live: one per cart.
CheckoutState = Literal["open", "placing", "completed", "expired", "abandoned"]
#: Who can meet a requirement: the program that calls, the buyer on this page, the buyer at the payment provider, the merchant.
ResolvedBy = Literal["client", "buyer_here", "buyer_at_provider", "merchant"]
#: False, true, or the version of the text that the buyer saw.
ConsentGiven = bool | Annotated[str, Meta(max_length=100)]
Texts = tuple[Annotated[str, Meta(max_length=64)], ...]


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """What must be done before the order can be placed. ``path`` is the JSONPath (RFC 9535) of the member in the checkout."""

    code: str
    path: str
    resolved_by: ResolvedBy = "client"


class ShippingOption(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"earliest": "from", "latest": "to"}
):
    """A way of delivery. ``price`` is before discounts and added tax; ``from`` and ``to`` are dates (ISO 8601)."""

    id: str
    title: str
    price: Money
    earliest: str | None = None
    latest: str | None = None


class CheckoutPayment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How it will be paid: one of the checkout's ``payment_methods``."""

    method: Literal["card", "pix", "boleto"]
    instalments: Annotated[int, Meta(ge=1, le=INSTALMENTS_MAX)] = 1


class CheckoutChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Members that are left out stay; null removes one. ``coupons`` are beside those of the cart.

    ``cart_version``  what the client saw of the cart; another one is refused
    ``country``       where it goes as long as there is no ``shipping_address``
    ``consents``      what the buyer agrees to: false, true, or the version of the text that they saw
    """

    cart_version: Annotated[int, Meta(ge=0, le=VERSION_MAX)] | UnsetType | None = UNSET
    email: Annotated[str, Meta(max_length=254)] | UnsetType | None = UNSET
    tax_id: Annotated[str, Meta(max_length=30), IDENTIFIER] | UnsetType | None = UNSET
    country: Annotated[str, Meta(max_length=2)] | UnsetType | None = UNSET
    shipping_address: PostalAddress | UnsetType | None = UNSET
    billing_address: PostalAddress | UnsetType | None = UNSET
    shipping_option: Annotated[str, Meta(max_length=64)] | UnsetType | None = UNSET
    payment: CheckoutPayment | UnsetType | None = UNSET
    gift_cards: Annotated[Texts, Meta(max_length=GIFT_CARDS_MAX)] | UnsetType | None = UNSET
    coupons: Annotated[Texts, Meta(max_length=COUPONS_MAX)] | UnsetType | None = UNSET
    consents: Annotated[dict[str, ConsentGiven], Meta(max_length=CONSENTS_MAX)] | UnsetType | None = UNSET


class CheckoutRequest(CheckoutChange, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A checkout for a cart."""

    cart_id: str


class Checkout(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A checkout as its buyer sees it. Times are RFC 3339.

    ``cart_version``  of the cart that the quote is for
    ``continue_url``  where a browser goes on with it
    ``requirements``  empty: the order can be placed
    ``quote``         None: there is nothing to quote (the cart is empty, or nobody has asked yet)
    """

    id: str
    state: CheckoutState
    cart_id: str
    expires_at: str
    created_at: str
    continue_url: str
    requirements: tuple[Requirement, ...]
    shipping_options: tuple[ShippingOption, ...]
    payment_methods: tuple[OfferedMethod, ...]
    quote: BuyerQuote | None
    cart_version: int | None = None
    customer: str | None = None
    email: str | None = None
    tax_id: str | None = None
    country: str | None = None
    shipping_address: PostalAddress | None = None
    billing_address: PostalAddress | None = None
    shipping_option: str | None = None
    payment: CheckoutPayment | None = None
    gift_cards: tuple[str, ...] = ()
    coupons: tuple[str, ...] = ()
    consents: dict[str, ConsentGiven] = {}


class Checkouts(Protocol):
    """Checkouts. A guest's checkout answers to everyone who has its id, a customer's to that customer, every one to callers
    with ANY_ORDER; for all others it is CheckoutNotFound.

    Every method may raise Unavailable; a change that was not made says so with an error.
    """

    async def start(
        self, caller: Caller, request: CheckoutRequest, *, language: str = "", once: Once | None = None
    ) -> tuple[Checkout, bool]:
        """The checkout of a cart: a new one (True), or its live one, changed as by ``change`` (False).

        Raises the errors of ``change``, those of the cart's ``read`` and ``start_checkout`` (CartNotFound, CartHasExpired,
        CartMergedAway, CartAlreadyCompleted, VersionConflict …), CartEmpty, IdempotencyConflict.
        """
        ...

    async def change(self, caller: Caller, checkout_id: str, change: CheckoutChange, *, language: str = "") -> Checkout:
        """Change members and quote again, with fresh offers.

        Raises CheckoutNotFound, CheckoutHasExpired, CheckoutEnded, CheckoutBusy, CheckoutInvalid, PostalAddressInvalid,
        PostalCodeInvalid, TaxIdInvalid, VersionConflict, ShippingOptionUnknown, and what pricing's ``quote`` raises.
        """
        ...

    async def read(self, caller: Caller, checkout_id: str) -> Checkout:
        """With the quote that was shown last; a new one if its life has ended or the cart has changed.

        Raises CheckoutNotFound.
        """
        ...
