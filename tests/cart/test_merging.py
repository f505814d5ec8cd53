"""Merging carts as a caller sees it: lines move once, or both carts are as they were."""

import pytest

from renga.domains.cart import contract
from renga.domains.cart.contract import Write
from renga.domains.cart.jobs import sweep_round
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.errors import RengaError, Unavailable, Unprocessable
from tests.cart.support import MemoryCatalog, Shop, lines_of, offer


async def test_a_guest_cart_moves_into_the_customers_with_its_own_prices(shop: Shop) -> None:
    target, source = await shop.new_cart(caller=Caller("ana")), await shop.new_cart()
    await shop.add(target, "MUG", 2, caller=Caller("ana"))
    shop.catalog.put(offer("MUG", BRL=1))
    shop.offers.clear()
    await shop.add(source, "MUG", 1)
    await shop.add(source, "BOWL", 3)
    merged = await shop.carts.merge(Caller("ana"), target, source, Write())
    assert merged.cart is not None
    assert (merged.version, lines_of(merged.cart)) == (3, {"MUG": (3, 1_999), "BOWL": (3, 3_000)})
    with pytest.raises(contract.CartMergedAway):
        await shop.carts.read(ANONYMOUS, source)


async def test_merging_the_same_carts_again_is_a_replay(shop: Shop) -> None:
    target, source = await shop.new_cart(), await shop.new_cart()
    await shop.add(source, "MUG", 2)
    await shop.carts.merge(ANONYMOUS, target, source, Write())
    before = await shop.dump(target, source)
    again = await shop.carts.merge(ANONYMOUS, target, source, Write())
    assert again.cart is not None
    assert (again.version, again.replayed, lines_of(again.cart)) == (2, True, {"MUG": (2, 1_999)})
    assert await shop.dump(target, source) == before


async def test_carts_in_different_currencies_merge_at_todays_prices(shop: Shop) -> None:
    target, source = await shop.new_cart("USD"), await shop.new_cart("BRL")
    await shop.add(source, "MUG", 2)
    merged = await shop.carts.merge(ANONYMOUS, target, source, Write())
    assert merged.cart is not None
    assert lines_of(merged.cart) == {"MUG": (2, 499)}


@pytest.mark.parametrize("why", ["not sold in it", "no longer in the catalogue", "too many lines"])
async def test_a_merge_that_the_target_cannot_take_leaves_both_carts_as_they_were(shop: Shop, why: str) -> None:
    target, source = await shop.new_cart("USD"), await shop.new_cart("BRL")
    await shop.add(source, "MUG", 2)
    await shop.add(source, "BOWL", 1)
    code = "currency_unavailable"
    if why == "no longer in the catalogue":
        del shop.catalog.by_sku["BOWL"]
    if why == "too many lines":
        code = "line_limit"
        shop.catalog.put(offer("BOWL", BRL=3_000, USD=700), *(offer(sku, USD=1) for sku in "ABC"))
        for sku in "ABC":
            await shop.add(target, sku)
    shop.offers.clear()
    before = await shop.dump(target, source)
    with pytest.raises(RengaError) as refused:
        await shop.carts.merge(ANONYMOUS, target, source, Write(key="k"))
    assert refused.value.code == code
    assert await shop.dump(target, source) == before
    assert lines_of(await shop.add(source, "MUG", 1)) == {"MUG": (3, 1_999), "BOWL": (1, 3_000)}


async def test_a_merge_cut_short_by_the_catalogues_absence_is_finished_by_the_sweeper(
    shop: Shop, catalog: MemoryCatalog
) -> None:
    target, source = await shop.new_cart("USD"), await shop.new_cart("BRL")
    await shop.add(source, "MUG", 2)
    shop.offers.clear()
    catalog.away = True
    with pytest.raises(Unavailable):
        await shop.carts.merge(ANONYMOUS, target, source, Write())
    assert (await shop.carts.read(ANONYMOUS, target)).lines == ()
    catalog.away = False
    shop.clock.advance(ms=shop.limits.merge_retry_ms)  # type: ignore[attr-defined] # the test's clock
    await sweep_round(shop.dependencies, shop.store, range(shop.store.shards))
    assert lines_of(await shop.carts.read(ANONYMOUS, target)) == {"MUG": (2, 499)}
    with pytest.raises(contract.CartMergedAway):
        await shop.carts.read(ANONYMOUS, source)


async def test_whoever_reads_a_half_merged_cart_finishes_the_merge(shop: Shop) -> None:
    target, source = await shop.new_cart(), await shop.new_cart()
    await shop.add(source, "MUG", 2)
    await shop.store.begin_merge(source, target, "")
    with pytest.raises(contract.CartMergedAway):
        await shop.carts.read(ANONYMOUS, source)
    assert lines_of(await shop.carts.read(ANONYMOUS, target)) == {"MUG": (2, 1_999)}


async def test_a_cart_cannot_be_merged_into_itself_nor_with_what_is_no_cart(shop: Shop) -> None:
    cart_id = await shop.new_cart()
    await shop.add(cart_id, "MUG")
    before = await shop.dump(cart_id)
    for source in (cart_id, cart_id.upper(), "nonsense", ""):
        with pytest.raises(Unprocessable) as refused:
            await shop.carts.merge(ANONYMOUS, cart_id, source, Write())
        assert refused.value.extra == {"field": "from"}
    with pytest.raises(contract.CartNotFound):
        await shop.carts.merge(ANONYMOUS, cart_id, shop.dependencies.new_id(), Write())
    assert await shop.dump(cart_id) == before


async def test_nobody_empties_the_cart_of_another_by_merging_it(shop: Shop) -> None:
    mine, theirs = await shop.new_cart(caller=Caller("bia")), await shop.new_cart(caller=Caller("ana"))
    await shop.add(theirs, "MUG", caller=Caller("ana"))
    before = await shop.dump(mine, theirs)
    with pytest.raises(contract.CartNotFound):
        await shop.carts.merge(Caller("bia"), mine, theirs, Write())
    with pytest.raises(contract.CartNotFound):
        await shop.carts.merge(Caller("bia"), theirs, mine, Write())
    assert await shop.dump(mine, theirs) == before
