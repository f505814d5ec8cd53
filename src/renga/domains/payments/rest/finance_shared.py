"""Shared by the operations of finance: access, errors, bodies."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.domains.payments.contract.management import ALL_PAYOUTS, FRESH_LOGIN_S, OWN_PAYOUTS, PARTNERS
from renga.domains.payments.contract.payments import MANAGING_PAYMENTS, PARTNER, READING_PAYMENTS
from renga.kernel.caller import FreshLoginRequired, InsufficientScope
from renga.kernel.errors import Invalid, TooLarge, TooManyRequests, Unauthenticated, Unavailable, Unprocessable
from renga.platform.auth.access import Access
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType

TAG = "finance"
NO_STORE = (b"cache-control", b"private, no-store")
READING = (Unauthenticated, InsufficientScope, TooManyRequests, Invalid, Unavailable)
FRESH = (FreshLoginRequired,)
BODY = (InvalidJson, UnsupportedMediaType, TooLarge, Unprocessable)
encode = msgspec.json.Encoder().encode

READ_FINANCE = Access(scopes=(READING_PAYMENTS,), objects="the whole shop")
MANAGE_FINANCE = Access(scopes=(MANAGING_PAYMENTS,), objects="the whole shop")
READ_PROVIDERS = Access(
    scopes=(READING_PAYMENTS,),
    instead=(MANAGING_PAYMENTS, PARTNER),
    objects="every provider; with `payments:partner` the caller's own provider",
)
MANAGE_PAYOUTS = Access(scopes=(ALL_PAYOUTS,), objects="every merchant")
MANAGE_PAYOUTS_FRESH = Access(scopes=(ALL_PAYOUTS,), objects="every merchant", fresh_s=FRESH_LOGIN_S)
READ_PAYOUTS = Access(
    scopes=(OWN_PAYOUTS,),
    instead=(ALL_PAYOUTS, READING_PAYMENTS),
    objects="the caller's merchants; every merchant with `payouts:manage` or `payments:read`",
)
CHANGE_ACCOUNT = Access(
    scopes=(OWN_PAYOUTS,),
    instead=(ALL_PAYOUTS,),
    objects="merchants that the caller owns or manages; every merchant with `payouts:manage`",
    fresh_s=FRESH_LOGIN_S,
)
MANAGE_PARTNERS = Access(scopes=(PARTNERS,), objects="every provider")

MERCHANT_HELP = {"merchant_id": "The merchant's id."}
PROVIDER_HELP = {"provider": "The provider's name, as in `payments.providers`."}

PageLimit = Annotated[int, Meta(description="Items on the page, from 1 to 100.", ge=1, le=100)]
PageCursor = Annotated[str, Meta(description="`next` of the page before.", min_length=1, max_length=500)] | None
