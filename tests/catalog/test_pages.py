"""Pages that were asked before: positions and stamps are read, documents only if something changed."""

from collections.abc import Sequence

import msgspec

from renga.domains.catalog.contract import Product
from renga.domains.catalog.encoded_items import EncodedItems, page_body, page_digest
from renga.domains.catalog.ports import Listed
from renga.domains.catalog.stores.pages import OBJECT_FACTOR, PageReads, ProductPages, Stamp, StampedProduct
from renga.domains.catalog.views import ProductPageView, product_view
from tests.catalog.fake import FakeCatalog
from tests.catalog.samples import CUP, LAMP

SIZE = 1_000


class CountedStore:
    """Products by position; ``reads`` are what was asked, in order."""

    def __init__(self, *products: Product) -> None:
        self.products = dict(enumerate(products, 1))
        self.reads: list[str] = []

    async def stamps(self) -> Sequence[tuple[int, Stamp]]:
        self.reads.append("stamps")
        return [(position, product.version) for position, product in self.products.items()]

    async def whole(self) -> Sequence[StampedProduct]:
        self.reads.append("whole")
        return [StampedProduct(at, one.version, _copy(one), SIZE) for at, one in self.products.items()]

    def change(self, position: int, title: str) -> None:
        product = self.products[position]
        self.products[position] = msgspec.structs.replace(product, version=product.version + 1, title={"en": title})

    @property
    def ways(self) -> PageReads:
        return PageReads(self.stamps, self.whole)


def _copy(product: Product) -> Product:
    return msgspec.structs.replace(product)


def _titles(page: Sequence[Listed]) -> list[str]:
    return [entry.product.title["en"] for entry in page]


async def test_a_page_is_read_whole_once_and_then_by_its_stamps_while_nothing_changes() -> None:
    store, pages = CountedStore(CUP, LAMP), ProductPages()
    first = await pages.page("page", store.ways)
    second = await pages.page("page", store.ways)
    assert store.reads == ["whole", "stamps"]
    assert [a.product is b.product for a, b in zip(first, second, strict=True)] == [True, True]
    await pages.page("a page not seen before", store.ways)
    assert store.reads[2:] == ["whole"]


async def test_every_change_is_in_the_next_page() -> None:
    store, pages = CountedStore(CUP, LAMP), ProductPages()
    await pages.page("page", store.ways)
    store.change(2, "another lamp")
    assert _titles(await pages.page("page", store.ways)) == [CUP.title["en"], "another lamp"]
    store.products[3] = msgspec.structs.replace(LAMP, id="new", title={"en": "new"})
    assert _titles(await pages.page("page", store.ways)) == [CUP.title["en"], "another lamp", "new"]
    del store.products[1]
    assert _titles(await pages.page("page", store.ways)) == ["another lamp", "new"]
    assert store.reads == ["whole", "stamps", "whole", "stamps", "whole", "stamps"]


async def test_memory_is_bounded_and_a_forgotten_product_costs_one_read_not_two() -> None:
    bytes_max = 3 * SIZE * OBJECT_FACTOR
    pages = ProductPages(bytes_max=bytes_max, pages_max=2)
    store = CountedStore(CUP, LAMP)
    await pages.page("page", store.ways)
    others = CountedStore()
    others.products = dict.fromkeys(range(10, 14), CUP)
    await pages.page("another", others.ways)
    assert pages.bytes == bytes_max
    await pages.page("page", store.ways)
    assert store.reads == ["whole", "whole"]


def test_the_json_of_a_page_is_that_of_its_view_in_every_language_from_memory_or_not() -> None:
    items, products = EncodedItems(), list(FakeCatalog.demo().by_slug.values())
    for preferred in ((), ("en",), ("pt",), ("de", "en"), ()):
        view = ProductPageView(items=[product_view(one, preferred) for one in products], next='a "cursor"')
        page = [items.of(one, preferred) for one in products]
        assert page_body(page, 'a "cursor"') == msgspec.json.encode(view)
        assert [item.language for item in page] == [one.language for one in view.items]
    assert page_body([], None) == b'{"items":[],"next":null}'


def test_a_changed_product_is_encoded_again_and_changes_the_digest() -> None:
    items = EncodedItems()
    before = items.of(CUP, ("en",))
    assert items.of(CUP, ("en",)) is before
    after = items.of(msgspec.structs.replace(CUP, title={"en": "changed"}), ("en",))
    assert b'"title":"changed"' in after.body
    assert page_digest([before], None) != page_digest([after], None) != page_digest([after], "next")
    assert items.of(CUP, ("en",)).body == before.body


def test_items_are_bounded() -> None:
    one = EncodedItems()
    one.of(CUP, ("en",))
    items = EncodedItems(bytes_max=2 * one.bytes)
    for number in range(10):
        items.of(CUP, (f"x{number}",))
        items.of(CUP, ("en",))
    assert items.bytes <= 2 * one.bytes
    assert items.of(CUP, ("en",)) is items.of(CUP, ("en",))
