"""Settings of the section ``cart``."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.domains.cart.ports import CartLimits


class CartSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the section ``cart``."""

    store: Annotated[str, "URL of the cart store; empty: the platform's redis"] = ""
    shards: Annotated[int, "logical shards; fixed once carts exist", Meta(ge=1, le=4_096)] = 64
    lines_max: Annotated[int, "lines per cart, and saved lines per cart", Meta(ge=1, le=1_000)] = 100
    quantity_max: Annotated[int, "quantity per line", Meta(ge=1, le=1_000_000)] = 999
    bytes_max: Annotated[int, "bytes of all lines of a cart", Meta(ge=1_024, le=2**24)] = 65_536
    life_s: Annotated[int, "seconds that a cart lives after its last change", Meta(ge=1, le=10 * 365 * 86_400)] = (
        30 * 86_400
    )
    abandoned_after_s: Annotated[
        float, "idle seconds after which a cart with lines counts as abandoned", Meta(gt=0)
    ] = 3_600.0
    attempt_timeout_ms: Annotated[int, "deadline of one try of a store call", Meta(ge=1, le=60_000)] = 1_000
    deadline_ms: Annotated[
        int, "deadline of a store call with all its tries, fail-over included", Meta(ge=1, le=60_000)
    ] = 5_000
    region: Annotated[str, "region that new carts belong to"] = ""

    def limits(self) -> CartLimits:
        """The bounds as the store takes them."""
        return CartLimits(
            lines=self.lines_max,
            quantity=self.quantity_max,
            bytes=self.bytes_max,
            life_ms=self.life_s * 1000,
            abandoned_after_ms=int(self.abandoned_after_s * 1000),
        )
