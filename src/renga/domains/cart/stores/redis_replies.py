"""What the cart's scripts answer besides a cart: refusals, moves of prices; and what to say when the store does not answer."""

from collections.abc import Sequence
from typing import Any, NoReturn

from renga.domains.cart import contract
from renga.domains.cart.contract import PriceMove
from renga.domains.cart.ports import LinesDiffer, TermsDiffer
from renga.kernel.errors import RengaError
from renga.kernel.money import Money
from renga.platform.redis.errors import Full, NotSent, RedisTrouble, Unanswered

_ERRORS: dict[bytes, type[RengaError]] = {
    error.code.encode(): error
    for error in (
        contract.CartNotFound,
        contract.CartHasExpired,
        contract.CartMergedAway,
        contract.CartAlreadyCompleted,
        contract.CartBusy,
        contract.LineNotFound,
        contract.CurrencyUnavailable,
        contract.QuantityOutOfRange,
        contract.LineLimit,
        contract.CartTooLarge,
        contract.CouponLimit,
        contract.VersionConflict,
        contract.IdempotencyConflict,
    )
}
#: The problem document's member for the second element of an error reply.
_DETAILS = {
    "quantity_out_of_range": "maximum",
    "line_limit": "limit",
    "cart_too_large": "limit",
    "coupon_limit": "limit",
    "version_conflict": "etag",
    "currency_unavailable": "currency",
    "cart_busy": "into",
}


def refuse(reply: Sequence[bytes | int]) -> NoReturn:
    """Raise the error of a script's refusal: its code, then details."""
    code = reply[0]
    assert isinstance(code, bytes)
    if code == b"lines_differ":
        raise LinesDiffer()
    details = [detail.decode() if isinstance(detail, bytes) else detail for detail in reply[1:]]
    if code == b"terms_differ":
        raise TermsDiffer(str(details[0]))
    if code == b"out_of_stock":
        raise contract.OutOfStock(available=int(details[0]), line=details[1])
    error = _ERRORS[code]
    extra: dict[str, Any] = {_DETAILS[error.code]: details[0]} if details else {}
    raise error(**extra)


def moves_of(flat: Sequence[bytes]) -> tuple[PriceMove, ...]:
    """From the currencies before and now, then line, price before and price now of each move."""
    before, now, *parts = (part.decode() for part in flat)
    triples = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return tuple(
        PriceMove(line=line, was=Money(int(was), before), now=Money(int(price), now)) for line, was, price in triples
    )


def raise_trouble(trouble: RedisTrouble) -> NoReturn:
    """Raise StoreUnavailable or CartOutcomeUnknown for trouble with the server."""
    if isinstance(trouble, Unanswered):
        raise contract.CartOutcomeUnknown() from trouble
    if isinstance(trouble, Full):
        raise contract.StoreUnavailable("the cart store is full; nothing was changed", retry_after_s=5) from trouble
    if isinstance(trouble, NotSent):
        raise contract.StoreUnavailable(retry_after_s=1) from trouble
    raise contract.StoreUnavailable(f"the cart store refused the command: {trouble}", retry_after_s=5) from trouble
