"""Errors of checkouts."""

from collections.abc import Sequence
from typing import Any

import msgspec

from renga.domains.pricing.contract import BuyerQuote
from renga.kernel.errors import Conflict, Gone, NotFound, Unprocessable


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
