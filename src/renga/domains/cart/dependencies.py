"""What every use case of the cart needs: the adapters, and the guard of a write."""

import msgspec

from renga.domains.cart.access import guard_caller
from renga.domains.cart.contract import CartNotFound, Write
from renga.domains.cart.line_skus import LineSkus
from renga.domains.cart.model import KEY_CHARACTERS_MAX, digest
from renga.domains.cart.offers import OfferCache
from renga.domains.cart.ports import (
    BuyerFacts,
    CartLimits,
    CartStore,
    CurrentCarts,
    ErasedCustomers,
    Erasure,
    Guard,
    Recovery,
    Snapshots,
)
from renga.domains.cart.price_keys import PriceKeys
from renga.domains.cart.stock import StockCache
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.errors import Invalid
from renga.kernel.ids import IdSource, canonical_uuid


class CartDependencies(msgspec.Struct, frozen=True, kw_only=True):
    """The adapters behind the cart's use cases, put together in ``wiring.py``."""

    store: CartStore
    recovery: Recovery
    snapshots: Snapshots
    current: CurrentCarts
    erasure: Erasure
    erased: ErasedCustomers
    offers: OfferCache
    stock: StockCache
    facts: BuyerFacts
    price_keys: PriceKeys
    line_skus: LineSkus
    limits: CartLimits
    clock: Clock
    new_id: IdSource
    secret: bytes

    def at(self) -> str:
        """The time now, as the catalogue's dated prices have it (RFC 3339)."""
        return rfc3339(self.clock.now_ms())


def guard(caller: Caller, write: Write, operation: str, *inputs: object) -> Guard:
    """The guard of a write, with hashes of its key and input. Raises Invalid for a key that is too long or not printable."""
    if write.key is None:
        token = fingerprint = ""
    else:
        if not 1 <= len(write.key) <= KEY_CHARACTERS_MAX or not (write.key.isascii() and write.key.isprintable()):
            raise Invalid(f"an idempotency key has from 1 to {KEY_CHARACTERS_MAX} printable characters of ASCII")
        token = digest(write.key, characters=22)
        fingerprint = digest(operation, msgspec.json.encode(inputs, order="sorted").decode(), characters=8)
    return Guard(
        operation=token,
        fingerprint=fingerprint,
        if_match=write.if_match or (),
        caller=guard_caller(caller),
        whole=write.whole,
    )


def checked_id(cart_id: str) -> str:
    """The canonical id. Raises CartNotFound if it is not a UUID."""
    canonical = canonical_uuid(cart_id)
    if canonical is None:
        raise CartNotFound()
    return canonical
