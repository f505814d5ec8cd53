"""Shared by the operations of payments: access, errors, bodies, the idempotency key."""

import secrets

from renga.domains.payments.contract.errors import PaymentInvalid
from renga.domains.payments.contract.payments import MANAGING_PAYMENTS, PAYING, READING_PAYMENTS
from renga.kernel.caller import InsufficientScope
from renga.kernel.errors import Invalid, TooLarge, TooManyRequests, Unauthenticated, Unavailable, Unprocessable
from renga.kernel.money import Money
from renga.kernel.once import Replay
from renga.platform.auth.access import Access
from renga.platform.http.lean import Call
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType
from renga.platform.http.requests import key_of

READ = (Unauthenticated, InsufficientScope, TooManyRequests, Invalid, Unavailable)
BODY = (InvalidJson, UnsupportedMediaType, TooLarge, Unprocessable, PaymentInvalid)
NO_STORE = (b"cache-control", b"private, no-store")
ID_HELP = {"payment_id": "The payment's id."}
TAG = "payments"

PAYER = Access(scopes=(PAYING,), objects="payments that the caller made")
CHANGER = Access(
    scopes=(PAYING,),
    instead=(MANAGING_PAYMENTS,),
    objects="payments that the caller made; every one with `payments:manage`",
)
READER = Access(
    scopes=(READING_PAYMENTS,),
    instead=(PAYING, MANAGING_PAYMENTS),
    objects="every payment; with `payments:write` alone those that the caller made",
)
FINANCE = Access(scopes=(MANAGING_PAYMENTS,), objects="the whole shop")
FINANCE_READER = Access(scopes=(READING_PAYMENTS,), instead=(MANAGING_PAYMENTS,), objects="the whole shop")
OWN = Access(scopes=("account",), objects="the caller's own")


#: Of operations whose repetition answers with the payment as it is then.
REPLAYED_HELP = {
    "Idempotency-Replayed": "`true`: an earlier request with this key was executed; this is what has become of it."
}


def replayed(replay: Replay) -> list[tuple[bytes, bytes]]:
    """The header of a repetition."""
    return [(b"idempotency-replayed", b"true")] if replay.happened else []


def key_or_new(call: Call) -> str:
    """The request's idempotency key, or one that never comes again. Raises Invalid."""
    return key_of(call.header(b"idempotency-key")) or secrets.token_hex(16)


def amount_of(money: Money | None, currency: str, field: str) -> int | None:
    """Minor units of money in the payment's currency. Raises PaymentInvalid."""
    if money is not None and money.currency != currency:
        raise PaymentInvalid(f"{field} is in {money.currency[:10]!r}, the payment in {currency[:10]!r}", field=field)
    return None if money is None else money.amount
