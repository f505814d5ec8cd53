"""The public contract of orders: checkouts and orders."""

from renga.domains.orders.contract.checkouts import (
    ANY_ORDER,
    OWN_ORDERS,
    Checkout,
    CheckoutChange,
    CheckoutPayment,
    CheckoutRequest,
    Checkouts,
    CheckoutState,
    ConsentGiven,
    Requirement,
    ResolvedBy,
    ShippingOption,
)
from renga.domains.orders.contract.errors import (
    CartEmpty,
    CheckoutBusy,
    CheckoutEnded,
    CheckoutHasExpired,
    CheckoutInvalid,
    CheckoutNotFound,
    QuoteChanged,
)

__all__ = [
    "ANY_ORDER",
    "OWN_ORDERS",
    "CartEmpty",
    "Checkout",
    "CheckoutBusy",
    "CheckoutChange",
    "CheckoutEnded",
    "CheckoutHasExpired",
    "CheckoutInvalid",
    "CheckoutNotFound",
    "CheckoutPayment",
    "CheckoutRequest",
    "CheckoutState",
    "Checkouts",
    "ConsentGiven",
    "QuoteChanged",
    "Requirement",
    "ResolvedBy",
    "ShippingOption",
]
