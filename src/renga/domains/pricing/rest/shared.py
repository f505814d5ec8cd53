"""Shared by the operations of pricing: access, errors, headers, versions."""

from collections.abc import Iterable

from renga.domains.pricing.contract import ALL_PRICING, ALL_PROMOTIONS, OWN_PROMOTIONS
from renga.kernel.caller import InsufficientScope
from renga.kernel.errors import (
    Invalid,
    PreconditionFailed,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)
from renga.platform.auth.access import Access
from renga.platform.http.etags import matches_strongly, names_any, strong
from renga.platform.http.lean import Call
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType
from renga.platform.http.requests import REPLAYED

READ = (Unauthenticated, InsufficientScope, TooManyRequests, Invalid, Unavailable)
BODY = (InvalidJson, UnsupportedMediaType, TooLarge, Unprocessable)
NO_STORE = (b"cache-control", b"private, no-store")
REPLAYED_HELP = {"Idempotency-Replayed": str(REPLAYED.description)}
ETAG_HELP = {"ETag": "The version, for If-Match."}
ID_HELP = {"promotion_id": "The promotion's id."}

PROMOTIONS = Access(
    scopes=(OWN_PROMOTIONS,),
    instead=(ALL_PROMOTIONS,),
    objects="promotions of the caller's merchants; every one with `promotions:manage`",
)
RULES = Access(scopes=(ALL_PRICING,), objects="the whole shop")


def etag_of(version: int) -> tuple[bytes, bytes]:
    """The header of a version."""
    return b"etag", strong(str(version)).encode()


def expected_version(call: Call, current: int) -> int | None:
    """The version that a write must find; None: any. Raises PreconditionFailed if If-Match names only others."""
    header = call.header(b"if-match")
    if header is None or names_any(header):
        return None
    if not matches_strongly(header, str(current)):
        raise PreconditionFailed("it is not at one of these versions", version=current)
    return current


def replayed(happened: bool) -> Iterable[tuple[bytes, bytes]]:
    """The header of a stored answer."""
    return [(b"idempotency-replayed", b"true")] if happened else []
