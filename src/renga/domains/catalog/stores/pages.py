"""Pages of products, read with as little as is new: the store says which products are where now, their documents are at hand.

A stamp is what the store changes with every change of a product. A page that was asked before is read as positions and stamps;
if a product of it is not at hand under its stamp, the page is read whole, in one statement. So a page is never older than its
question, and its decoded products are the same objects while they do not change.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence

import msgspec

from renga.domains.catalog.contract import Product
from renga.domains.catalog.ports import Listed
from renga.platform.cache.following_reads import FollowingReads

#: Products and pages that are remembered in one process.
PRODUCTS_BYTES_MAX = 16_000_000
PAGES_MAX = 2_000
#: Approximate ratio of a product's size in memory to that of its document.
OBJECT_FACTOR = 4

Stamp = Hashable


class StampedProduct(msgspec.Struct, frozen=True):
    """A product as the store has it; ``size`` is that of its document in bytes."""

    position: int
    stamp: Stamp
    product: Product
    size: int


class PageReads(msgspec.Struct, frozen=True):
    """The two ways to read one page: (position, stamp) of its products, or all of them whole."""

    stamps: Callable[[], Awaitable[Sequence[tuple[int, Stamp]]]]
    whole: Callable[[], Awaitable[Sequence[StampedProduct]]]


class ProductPages:
    """The products of recent pages in this process, least recently used first out."""

    def __init__(self, *, bytes_max: int = PRODUCTS_BYTES_MAX, pages_max: int = PAGES_MAX) -> None:
        self._bytes_max, self._pages_max = bytes_max, pages_max
        self._products: OrderedDict[int, StampedProduct] = OrderedDict()
        self._pages: OrderedDict[Hashable, tuple[int, ...]] = OrderedDict()
        self._reads: FollowingReads[Hashable, list[Listed]] = FollowingReads()
        self.bytes = 0

    async def page(self, name: Hashable, reads: PageReads) -> list[Listed]:
        """The page of this name: shelves, channel, start and limit. Concurrent callers share reads."""
        return await self._reads.join(name, lambda: self._read(name, reads))

    async def _read(self, name: Hashable, reads: PageReads) -> list[Listed]:
        if self._at_hand(name):
            known = self._known(await reads.stamps())
            if known is not None:
                return known
        found = await reads.whole()
        self._remember(found)
        self._pages[name] = tuple(one.position for one in found)
        self._pages.move_to_end(name)
        if len(self._pages) > self._pages_max:
            self._pages.popitem(last=False)
        return [Listed(one.position, one.product) for one in found]

    def _at_hand(self, name: Hashable) -> bool:
        """Whether this page was read before and its products are still remembered."""
        positions = self._pages.get(name)
        if positions is None:
            return False
        self._pages.move_to_end(name)
        return all(position in self._products for position in positions)

    def _known(self, stamps: Sequence[tuple[int, Stamp]]) -> list[Listed] | None:
        listed = []
        for position, stamp in stamps:
            one = self._products.get(position)
            if one is None or one.stamp != stamp:
                return None
            self._products.move_to_end(position)
            listed.append(Listed(position, one.product))
        return listed

    def _remember(self, found: Iterable[StampedProduct]) -> None:
        for one in found:
            before = self._products.pop(one.position, None)
            if before is not None:
                self.bytes -= before.size * OBJECT_FACTOR
            self._products[one.position] = one
            self.bytes += one.size * OBJECT_FACTOR
        while self.bytes > self._bytes_max:
            _, old = self._products.popitem(last=False)
            self.bytes -= old.size * OBJECT_FACTOR
