"""Errors of checkouts."""

from collections.abc import Sequence
from typing import Any

import msgspec

from renga.domains.pricing.contract import BuyerQuote
from renga.kernel.errors import Conflict, Gone, Invalid, NotFound, PaymentRequired, Unprocessable


class CheckoutNotFound(NotFound):
    code = "checkout_not_found"
    title = "There is no such checkout"


class CheckoutHasExpired(Gone):
    code = "checkout_expired"
    title = "This checkout has expired"


class CheckoutEnded(Conflict):
    """``state`` is completed or abandoned."""

    code = "checkout_ended"
    title = "This checkout has ended"

    def __init__(self, detail: str = "", *, state: str) -> None:
        super().__init__(detail, state=state)
        self.state = state


class CheckoutBusy(Conflict):
    """An order is being placed, or other changes came in between again and again. Nothing has changed; try again."""

    code = "checkout_busy"
    title = "This checkout is being placed or changed"


class CartEmpty(Unprocessable):
    code = "cart_empty"
    title = "There is nothing in this cart"


class CheckoutInvalid(Unprocessable):
    """``field`` says which member is wrong."""

    code = "checkout_invalid"
    title = "A member of the checkout is not valid"


class QuoteChanged(Conflict):
    """The quote is worse than the one that was shown. ``quote`` is the new one; placing with its id is the consent to it.

    ``changes`` names what is worse: ``[{"code": "price_up", "line": "q1mJ0fXyZ2aB", "was": …, "now": …}]``.
    """

    code = "quote_changed"
    title = "The quote has changed"

    def __init__(self, detail: str = "", *, quote: BuyerQuote, changes: Sequence[Any] = ()) -> None:
        super().__init__(
            detail, quote=msgspec.to_builtins(quote), changes=[msgspec.to_builtins(one) for one in changes]
        )
        self.quote = quote


class CheckoutIncomplete(Unprocessable):
    """``requirements`` are those of the checkout that are not met."""

    code = "checkout_incomplete"
    title = "Something is missing before the order can be placed"

    def __init__(self, detail: str = "", *, requirements: Sequence[Any]) -> None:
        super().__init__(detail, requirements=[msgspec.to_builtins(one) for one in requirements])


class IdempotencyKeyRequired(Invalid):
    code = "idempotency_key_required"
    title = "This needs the header Idempotency-Key"


class OrderOutOfStock(Conflict):
    """``left`` says what there is: ``[{"sku": "MUG", "wanted": 3, "available": 1}]``. The checkout lives on."""

    code = "out_of_stock"
    title = "There is not enough in stock"


class OrderPaymentDeclined(PaymentRequired):
    """``reason`` is one of the standard reasons. The checkout lives on."""

    code = "payment_declined"
    title = "The payment was declined"


class NothingPlaced(Conflict):
    code = "nothing_placed"
    title = "Nobody has tried to place this checkout"


class OrderNotFound(NotFound):
    code = "order_not_found"
    title = "There is no such order"


class OrderCursorInvalid(Invalid):
    code = "order_cursor_invalid"
    title = "This cursor was not made by the list of orders"


class OrderStateConflict(Conflict):
    """``state`` is the present state. Nothing was done."""

    code = "order_state"
    title = "The order's state does not allow this"

    def __init__(self, detail: str = "", *, state: str) -> None:
        super().__init__(detail, state=state)
        self.state = state
