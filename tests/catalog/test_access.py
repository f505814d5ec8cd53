"""Access to products and categories of a caller: the rule, and that every method of the contract checks it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from renga.domains.catalog.access import EVERY_MERCHANT, Reach, reach_of
from renga.domains.catalog.contract import OWN_PRODUCTS, WHOLE_CATALOGUE, ProductNotFound, SkuNotFound
from renga.domains.catalog.local import CatalogService
from renga.kernel.caller import ANONYMOUS, Caller, InsufficientScope
from renga.kernel.errors import RengaError, Unauthenticated
from tests.catalog.callers import MANAGER, seller
from tests.catalog.shop import row

M = frozenset({"m1"})
OWN, WHOLE = frozenset({OWN_PRODUCTS}), frozenset({WHOLE_CATALOGUE})


@pytest.mark.parametrize(
    ("caller", "reach"),
    [
        (Caller("a", OWN), Reach(frozenset())),
        (Caller("a", OWN, M), Reach(M)),
        (Caller("a", WHOLE), EVERY_MERCHANT),
        (Caller("a", OWN | WHOLE, M), EVERY_MERCHANT),
        (Caller("svc", OWN, program=True), EVERY_MERCHANT),
        (Caller.of_system("import", OWN_PRODUCTS), EVERY_MERCHANT),
    ],
)
def test_a_caller_reaches_the_merchants_that_the_scopes_say(caller: Caller, reach: Reach) -> None:
    assert reach_of(caller) == reach


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        (ANONYMOUS, Unauthenticated),
        (Caller("a", frozenset({"cart"}), M), InsufficientScope),
        (Caller("svc", frozenset({"cart"}), program=True), InsufficientScope),
    ],
)
def test_who_has_no_scope_of_the_catalogue_reaches_nothing(caller: Caller, refusal: type[RengaError]) -> None:
    with pytest.raises(refusal):
        reach_of(caller)


def test_a_merchant_is_within_reach_or_not() -> None:
    assert [Reach(M).covers("m1"), Reach(M).covers("m2"), EVERY_MERCHANT.covers("m2")] == [True, False, True]
    assert [Reach(M).only, Reach(M | {"m2"}).only, Reach(frozenset()).only, EVERY_MERCHANT.only] == ["m1"] + [None] * 3


Call = Callable[[CatalogService, Caller], Awaitable[Any]]
OF_PRODUCTS: dict[str, Call] = {
    "own_product": lambda catalog, caller: catalog.own_product(caller, "mug"),
    "own_product_of_sku": lambda catalog, caller: catalog.own_product_of_sku(caller, "MUG"),
    "replace_product": lambda catalog, caller: catalog.replace_product(caller, "mug", row(brand="x")),
    "patch_product": lambda catalog, caller: catalog.patch_product(caller, "mug", {"brand": "x"}),
    "archive_product": lambda catalog, caller: catalog.archive_product(caller, "mug"),
    "set_price": lambda catalog, caller: catalog.set_price(caller, "MUG", "BRL", 1),
}
NEW: dict[str, Call] = {
    "own_products": lambda catalog, caller: catalog.own_products(caller),
    "create_product": lambda catalog, caller: catalog.create_product(caller, row("cup")),
    "create_product_once": lambda catalog, caller: catalog.create_product_once(caller, row("cup"), key="1"),
}
OF_THE_SHOP: dict[str, Call] = {
    "put_category": lambda catalog, caller: catalog.put_category(caller, "mesa", {"title": {"en": "Table"}}),
    "drop_category": lambda catalog, caller: catalog.drop_category(caller, "mesa"),
    "put_collection": lambda catalog, caller: catalog.put_collection(caller, "best", {"title": {"en": "Best"}}),
    "drop_collection": lambda catalog, caller: catalog.drop_collection(caller, "best"),
    "put_product_type": lambda catalog, caller: catalog.put_product_type(caller, "mug", {"title": {"en": "Mug"}}),
    "drop_product_type": lambda catalog, caller: catalog.drop_product_type(caller, "mug"),
}


@pytest.fixture
async def mug(catalog: CatalogService) -> CatalogService:
    """A shop with one product, of the merchant m1."""
    await catalog.create_product(seller(M), row())
    return catalog


async def _unchanged(catalog: CatalogService) -> bool:
    (only,) = (await catalog.own_products(MANAGER)).items
    taxonomy = (await catalog.categories(), await catalog.collections(), await catalog.product_types())
    return (only.slug, only.version) == ("mug", 1) and taxonomy == ((), (), ())


async def test_every_method_refuses_guests_and_callers_without_its_scope(mug: CatalogService) -> None:
    for name, call in (OF_PRODUCTS | NEW | OF_THE_SHOP).items():
        with pytest.raises(Unauthenticated):
            await call(mug, ANONYMOUS)
        with pytest.raises(InsufficientScope) as refused:
            await call(mug, Caller("a", frozenset({"cart", "orders"}), M))
        assert refused.value.extra == {"scope": WHOLE_CATALOGUE if name in OF_THE_SHOP else OWN_PRODUCTS}
    assert await _unchanged(mug)


async def test_what_is_another_merchants_is_not_found_by_any_method(mug: CatalogService) -> None:
    for call in OF_PRODUCTS.values():
        with pytest.raises((ProductNotFound, SkuNotFound)):
            await call(mug, seller(frozenset({"m2"})))
    assert (await mug.own_products(seller(frozenset({"m2"})))).items == ()
    assert await _unchanged(mug)


async def test_a_merchant_has_no_say_over_the_shelves_of_the_shop(mug: CatalogService) -> None:
    for call in OF_THE_SHOP.values():
        with pytest.raises(InsufficientScope):
            await call(mug, seller(M))
        with pytest.raises(InsufficientScope):
            await call(mug, Caller.of_system("feeds", OWN_PRODUCTS))
    assert await _unchanged(mug)


async def test_members_the_shops_people_and_programs_read_the_product(mug: CatalogService) -> None:
    for caller in (seller(M), seller(M, "another"), MANAGER, Caller("svc", OWN, program=True)):
        assert (await mug.own_product(caller, "mug")).merchant == "m1"
        assert (await mug.own_product_of_sku(caller, "MUG")).slug == "mug"
