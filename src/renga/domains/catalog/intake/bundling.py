"""Which skus a bundle may hold: a merchant's bundle only skus of that merchant's products; with WHOLE_CATALOGUE any.

Parts that are there already stay, with their quantity: an administrator put them there. If the product moves to another
merchant, all of its parts count as new.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from renga.domains.catalog.access import Reach
from renga.domains.catalog.contract import BundlePartForeign, Product
from renga.domains.catalog.model import Draft
from renga.domains.catalog.model.limits import PARTS_CHUNK_SKUS
from renga.domains.catalog.ports import ProductStore
from renga.platform.yielding import Yielding

#: A part to check: its field in the row and its sku.
Part = tuple[str, str]


async def check_bundles(store: ProductStore, draft: Draft, current: Product | None, reach: Reach) -> None:
    """``draft`` has its merchant, or ``current`` has it. Raises BundlePartForeign."""
    if reach.every:
        return
    parts = list(new_parts(draft, current))
    if parts and (foreign := foreign_parts(parts, merchant_of(draft, current), await merchants_of(store, parts))):
        raise BundlePartForeign(foreign)


def merchant_of(draft: Draft, current: Product | None) -> str:
    """The merchant of the product after the write."""
    merchant = draft.merchant or (current.merchant if current is not None else None)
    assert merchant is not None, "a new product of a merchant names the merchant"
    return merchant


def new_parts(draft: Draft, current: Product | None) -> Iterator[Part]:
    """The parts that the current product does not have in the same variant and quantity, without its own skus."""
    own = {variant.sku for variant in draft.variants}
    kept = set()
    if current is not None and current.merchant == merchant_of(draft, current):
        kept = {(variant.sku, part.sku, part.quantity) for variant in current.variants for part in variant.bundle}
    for at, variant in enumerate(draft.variants):
        for number, part in enumerate(variant.bundle):
            if part.sku not in own and (variant.sku, part.sku, part.quantity) not in kept:
                yield f"variants[{at}].bundle[{number}].sku", part.sku


async def merchants_of(store: ProductStore, parts: Iterable[Part]) -> dict[str, str]:
    """The merchant of each sku that exists."""
    merchants: dict[str, str] = {}
    yielding = Yielding()
    wanted = iter(dict.fromkeys(sku for _, sku in parts))
    while skus := list(islice(wanted, PARTS_CHUNK_SKUS)):
        await yielding.turn()
        merchants |= {sku: product.merchant for sku, product in (await store.by_sku(skus)).items()}
    return merchants


def foreign_parts(parts: Iterable[Part], merchant: str, merchants: Mapping[str, str]) -> list[Part]:
    """The parts that are no skus of this merchant; those that do not exist too, so that nobody learns which do."""
    return [(field, sku) for field, sku in parts if merchants.get(sku) != merchant]
