"""What the cart refuses because of stock, from what it remembers of the inventory."""

import asyncio

import msgspec
import pytest

from renga.domains.cart.contract import NewLine, OutOfStock, Write
from renga.domains.cart.model import line_id
from renga.domains.cart.stock import FRESH_MS
from renga.kernel.caller import ANONYMOUS
from tests.cart.support import Shop, lines_of, offer


async def add_refused(shop: Shop, cart_id: str, sku: str, quantity: int = 1) -> dict[str, object]:
    before = await shop.dump(cart_id)
    with pytest.raises(OutOfStock) as refused:
        await shop.add(cart_id, sku, quantity)
    assert await shop.dump(cart_id) == before
    return refused.value.extra


async def test_an_add_beyond_the_stock_says_what_can_be_bought(shop: Shop) -> None:
    shop.levels.by_sku |= {"MUG": 3, "BOWL": 0}
    cart_id = await shop.new_cart()
    assert await add_refused(shop, cart_id, "BOWL") == {"sku": "BOWL", "available": 0}
    assert lines_of(await shop.add(cart_id, "MUG", 2)) == {"MUG": (2, 1_999)}
    assert await add_refused(shop, cart_id, "MUG", 2) == {"sku": "MUG", "available": 3}
    assert lines_of(await shop.add(cart_id, "MUG", 1)) == {"MUG": (3, 1_999)}


async def test_a_backorder_without_limit_is_never_refused(shop: Shop) -> None:
    shop.levels.by_sku["MUG"] = None
    assert lines_of(await shop.add(await shop.new_cart(), "MUG", 9)) == {"MUG": (9, 1_999)}


@pytest.mark.parametrize(("declared", "sold"), [("in_stock", True), ("out_of_stock", False), ("backorder", True)])
async def test_without_a_level_the_declared_availability_decides(shop: Shop, declared: str, sold: bool) -> None:
    declares = msgspec.structs.replace(offer("MUG", BRL=1_999), availability=declared)
    shop.catalog.put(declares)
    cart_id = await shop.new_cart()
    if sold:
        assert lines_of(await shop.add(cart_id, "MUG")) == {"MUG": (1, 1_999)}
    else:
        assert await add_refused(shop, cart_id, "MUG") == {"sku": "MUG", "available": 0}
        shop.levels.by_sku["MUG"] = 1  # counted from now on
        shop.stock.drop(["MUG"])
        assert lines_of(await shop.add(cart_id, "MUG")) == {"MUG": (1, 1_999)}


async def test_replacing_and_setting_look_at_the_stock_and_going_down_is_always_allowed(shop: Shop) -> None:
    cart_id = await shop.new_cart()
    await shop.add(cart_id, "MUG", 8)
    shop.levels.by_sku["MUG"] = 3
    shop.stock.drop(["MUG"])
    line = line_id("MUG", {})
    set_to = shop.carts.set_quantity
    assert (await set_to(ANONYMOUS, cart_id, line, 6, Write())).version == 3
    before = await shop.dump(cart_id)
    for call in (
        set_to(ANONYMOUS, cart_id, line, 7, Write()),
        shop.carts.replace_lines(ANONYMOUS, cart_id, [NewLine(sku="MUG", quantity=4)], Write()),
    ):
        with pytest.raises(OutOfStock) as refused:
            await call
        assert refused.value.extra == {"sku": "MUG", "available": 3}
    assert await shop.dump(cart_id) == before


async def test_a_process_that_has_not_seen_the_line_finds_its_sku(shop: Shop) -> None:
    cart_id = await shop.new_cart()
    await shop.add(cart_id, "MUG")
    shop.dependencies.line_skus.forget()
    shop.levels.by_sku["MUG"] = 1
    shop.stock.drop(["MUG"])
    with pytest.raises(OutOfStock):
        await shop.carts.set_quantity(ANONYMOUS, cart_id, line_id("MUG", {}), 2, Write())


async def test_the_inventory_is_asked_once_per_sku_until_it_has_news(shop: Shop) -> None:
    cart_id = await shop.new_cart()
    for _ in range(3):
        await shop.add(cart_id, "MUG")
    assert shop.levels.calls == [["MUG"]]
    shop.levels.by_sku["MUG"] = 3
    shop.stock.drop(["MUG"])
    assert await add_refused(shop, cart_id, "MUG") == {"sku": "MUG", "available": 3}
    assert shop.levels.calls == [["MUG"], ["MUG"]]


async def test_while_the_inventory_is_away_buyers_buy(shop: Shop) -> None:
    shop.levels.away = True
    assert lines_of(await shop.add(await shop.new_cart(), "MUG", 2)) == {"MUG": (2, 1_999)}
    shop.levels.away = False
    shop.levels.by_sku["MUG"] = 0
    shop.clock.advance(seconds=2)  # type: ignore[attr-defined]  # a clock that the test moves
    assert await add_refused(shop, await shop.new_cart(), "MUG") == {"sku": "MUG", "available": 0}


async def test_an_inventory_that_hangs_costs_no_buyer_more_than_a_moment_and_what_was_seen_counts(shop: Shop) -> None:
    shop.levels.by_sku |= {"MUG": 3}
    cart_id = await shop.new_cart()
    await shop.add(cart_id, "MUG")
    shop.clock.advance(ms=FRESH_MS)  # type: ignore[attr-defined]  # a clock that the test moves
    shop.levels.hangs = True
    async with asyncio.timeout(5):
        assert lines_of(await shop.add(cart_id, "MUG", 2)) == {"MUG": (3, 1_999)}
        assert await add_refused(shop, cart_id, "MUG") == {"sku": "MUG", "available": 3}
        assert lines_of(await shop.add(cart_id, "BOWL"))["BOWL"] == (1, 3_000)
    assert shop.levels.calls == [["MUG"], ["MUG"]], "after the first that was late nobody asks for a moment"
