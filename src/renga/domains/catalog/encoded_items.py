"""A product's JSON of the REST lists, kept while the product is the same object, per preferred languages."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence

import msgspec

from renga.domains.catalog.contract import Product
from renga.domains.catalog.views import product_view

#: JSON that is remembered in one process.
BYTES_MAX = 8_000_000
#: Bytes of an item besides its JSON, about.
OVERHEAD_BYTES = 600
_DIGEST_BYTES = 12


class EncodedItem(msgspec.Struct, frozen=True):
    """``digest`` is the hash of ``body``; ``product`` the object that it was made of."""

    product: Product
    language: str
    body: bytes
    digest: bytes


class EncodedItems:
    """Least recently used first out. What is made of a product depends on nothing else, so it is never stale."""

    def __init__(self, *, bytes_max: int = BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._items: OrderedDict[tuple[str, tuple[str, ...]], EncodedItem] = OrderedDict()
        self.bytes = 0

    def of(self, product: Product, preferred: tuple[str, ...]) -> EncodedItem:
        """The item in the best of the preferred languages."""
        key = (product.id, preferred)
        found = self._items.get(key)
        if found is not None and found.product is product:
            self._items.move_to_end(key)
            return found
        item = _encoded(product, preferred)
        if found is not None:
            self._forget(key)
        self._items[key] = item
        self.bytes += len(item.body) + OVERHEAD_BYTES
        while self.bytes > self._bytes_max:
            self._forget(next(iter(self._items)))
        return item

    def _forget(self, key: tuple[str, tuple[str, ...]]) -> None:
        self.bytes -= len(self._items.pop(key).body) + OVERHEAD_BYTES


def page_body(items: Sequence[EncodedItem], following: str | None) -> bytes:
    """The JSON of a ``ProductPageView``."""
    return b'{"items":[%b],"next":%b}' % (b",".join([item.body for item in items]), _encode(following))


def page_digest(items: Sequence[EncodedItem], following: str | None) -> bytes:
    """A hash of ``page_body``, made of the hashes of its items."""
    return b"".join([item.digest for item in items]) + _encode(following)


def _encoded(product: Product, preferred: tuple[str, ...]) -> EncodedItem:
    view = product_view(product, preferred)
    body = _encode(view)
    return EncodedItem(product, view.language, body, hashlib.blake2b(body, digest_size=_DIGEST_BYTES).digest())


_encode = msgspec.json.Encoder().encode
