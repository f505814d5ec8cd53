"""The price keys of carts with unusual terms, as this process last saw them, so that an add sends the right prices at once."""

from collections import OrderedDict
from functools import lru_cache

from renga.kernel.buyer_terms import DEFAULT_CHANNEL

#: Number of carts kept; the least recently used are evicted first. A cart that is not kept costs one more round trip.
CARTS_MAX = 100_000
#: How often a write is sent again because the cart's terms were changed meanwhile.
TRIES_MAX = 4


class PriceKeys:
    """Carts that are not in it are assumed to have a guest's terms in the default channel."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, str] = OrderedDict()

    def of(self, cart_id: str) -> str:
        """The price key that the cart had last."""
        return self._kept.get(cart_id, DEFAULT_CHANNEL)

    def remember(self, cart_id: str, price_key: str) -> None:
        self._kept.pop(cart_id, None)
        if price_key == DEFAULT_CHANNEL:
            return
        self._kept[cart_id] = price_key
        if len(self._kept) > CARTS_MAX:
            self._kept.popitem(last=False)


@lru_cache(maxsize=10_000)
def parts_of(price_key: str) -> tuple[str, tuple[str, ...]]:
    """The channel and the customer groups of a price key."""
    channel, _, groups = price_key.partition("|")
    return channel, tuple(groups.split(",")) if groups else ()
