"""A quote asks the owner of an offer, whatever caches say; no bus runs here that could have told them."""

from typing import Any

import msgspec

from renga.domains.catalog.contract import CatalogContracts
from renga.domains.pricing.opening import pricing_on_postgres
from renga.domains.pricing.settings import PricingSettings
from tests.orders.counter import GUEST, READY, Counter
from tests.pricing.conftest import SECRET


class StaleCatalog:
    """A cache that must not be asked for what is paid: it has the tree of categories and nothing else."""

    def __init__(self, catalog: Any) -> None:
        self.categories, self.collections, self.collection = catalog.categories, catalog.collections, catalog.collection

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a quote asked a cache for {name}")


async def test_the_next_quote_has_the_price_of_now_though_the_cart_still_shows_the_old_one(counter: Counter) -> None:
    house = counter.house
    stale: Any = StaleCatalog(house.catalog)
    pricing = pricing_on_postgres(
        house.pool, PricingSettings(), catalog=CatalogContracts(fresh=house.catalog, cached=stale), carts=house.cart.carts,
        clock=house.clock, new_id=counter.checkouts.dependencies.new_id, secret=SECRET,
    )  # fmt: skip
    counter.checkouts = type(counter.checkouts)(
        msgspec.structs.replace(counter.checkouts.dependencies, pricing=pricing)
    )
    await house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1})
    made = await counter.start(cart, **READY)
    await counter.price("MUG", 6000)
    line = (await house.cart.carts.read(GUEST, cart)).lines[0]
    assert (line.unit_price.amount, line.current_price and line.current_price.amount) == (5000, 5000), (
        "the cart's cache"
    )
    again = await counter.change(made)
    assert again.quote
    assert [(one.now and one.now.amount, one.change) for one in again.quote.lines] == [(6000, "price_up")]
    assert again.quote.subtotal.amount == 6000
