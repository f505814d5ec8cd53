"""Shared by the operations of those who keep stock: access, errors, the idempotency key."""

import hashlib

from renga.domains.inventory.contract import ALL_LEVELS, OWN_LEVELS
from renga.kernel.caller import InsufficientScope
from renga.kernel.errors import Invalid, TooLarge, TooManyRequests, Unauthenticated, Unavailable, Unprocessable
from renga.kernel.once import Once
from renga.platform.auth.access import Access
from renga.platform.http.lean import Call
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType
from renga.platform.http.requests import key_of

KEEPING = (Unauthenticated, InsufficientScope, TooManyRequests, Invalid, Unavailable)
BODY = (InvalidJson, UnsupportedMediaType, TooLarge, Unprocessable)
SKU_HELP = {"sku": "The sku."}
REPLAYED_HELP = {"Idempotency-Replayed": "`true`: the stored response of an earlier request with this key."}
NO_STORE = (b"cache-control", b"private, no-store")


def keep_access() -> Access:
    """For the levels of the caller's merchants."""
    return Access(
        scopes=(OWN_LEVELS,),
        instead=(ALL_LEVELS,),
        objects="stock of the caller's merchants; of every merchant with `inventory:manage`",
    )


def once_of(call: Call) -> Once | None:
    """The request's idempotency key. Raises Invalid."""
    key = key_of(call.header(b"idempotency-key"))
    if key is None:
        return None
    fingerprint = hashlib.sha256(call.query_string + b"\n" + call.body).digest()
    return Once(scope=f"{call.caller.identified()} movements", key=key, fingerprint=fingerprint)
