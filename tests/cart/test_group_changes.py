"""Groups that change while carts exist, and claims and terms that meet: nobody keeps a price of a group they have left."""

from typing import Any

import pytest

from renga.domains.cart.contract import CartTerms, NewLine, Write
from renga.kernel.buyer_terms import VerifiedFacts
from renga.kernel.money import Money
from tests.cart.support import Shop, lines_of
from tests.cart.test_terms import ANA, SERVICE, TRADE, brl, catalog, create, set_terms

__all__ = ["catalog"]


async def test_who_has_left_a_group_adds_at_their_own_price_and_every_line_follows(shop: Shop) -> None:
    shop.facts.by_customer["ana"] = TRADE
    cart_id = await create(shop, ANA)
    await shop.add(cart_id, "MUG", caller=ANA)
    shop.facts.by_customer["ana"] = VerifiedFacts()
    read = await shop.carts.read(ANA, cart_id)
    assert (read.lines[0].unit_price, read.lines[0].current_price) == (Money(1_500, "BRL"), Money(1_999, "BRL"))
    cart = await shop.add(cart_id, "CUP", caller=ANA)
    assert (lines_of(cart), cart.moves) == ({"MUG": (1, 1_999), "CUP": (1, 700)}, (brl("MUG", 1_500, 1_999),))
    assert (cart.terms.groups, cart.customer) == ((), "ana")


async def test_every_write_that_prices_lines_asks_for_the_groups_of_now(shop: Shop) -> None:
    writes: list[Any] = [
        lambda cart_id, line: shop.carts.set_quantity(ANA, cart_id, line, 2, Write()),
        lambda cart_id, line: shop.carts.replace_lines(ANA, cart_id, [NewLine(sku="MUG", quantity=2)], Write()),
        lambda cart_id, line: shop.carts.claim(ANA, cart_id, Write()),
    ]
    for write in writes:
        for known in (True, False):
            shop.facts.by_customer["ana"] = TRADE
            cart_id = await create(shop, ANA)
            line = (await shop.add(cart_id, "MUG", caller=ANA)).lines[0].line
            shop.facts.by_customer["ana"] = VerifiedFacts()
            if not known:  # as in another process
                shop.dependencies.price_keys.remember(cart_id, "web")
            change = await write(cart_id, line)
            assert (change.cart.lines[0].unit_price, change.moves) == (Money(1_999, "BRL"), (brl("MUG", 1_500, 1_999),))
            assert change.cart.terms.groups == ()


async def test_a_line_whose_group_and_quantity_change_moves_once(shop: Shop) -> None:
    shop.facts.by_customer["ana"] = TRADE
    cart_id = await create(shop, ANA)
    await shop.add(cart_id, "MUG", 2, caller=ANA)
    shop.facts.by_customer["ana"] = VerifiedFacts()
    cart = await shop.add(cart_id, "MUG", caller=ANA)
    assert (lines_of(cart), cart.moves) == ({"MUG": (3, 1_700)}, (brl("MUG", 1_500, 1_700),))


async def test_what_was_saved_and_what_is_merged_gets_the_price_of_the_groups_of_now(shop: Shop) -> None:
    shop.facts.by_customer["ana"] = TRADE
    cart_id = await create(shop, ANA)
    line = (await shop.add(cart_id, "MUG", caller=ANA)).lines[0].line
    await shop.carts.save_for_later(ANA, cart_id, line, Write())
    shop.facts.by_customer["ana"] = VerifiedFacts()
    restored = await shop.carts.restore_saved(ANA, cart_id, line, Write())
    assert restored.cart is not None
    assert lines_of(restored.cart) == {"MUG": (1, 1_999)}
    shop.facts.by_customer["ana"] = TRADE
    mine, guests = await create(shop, ANA), await create(shop)
    await shop.add(guests, "MUG")
    shop.facts.by_customer["ana"] = VerifiedFacts()
    merged = await shop.carts.merge(ANA, mine, guests, Write())
    assert merged.cart is not None
    assert (lines_of(merged.cart), merged.cart.terms.groups) == ({"MUG": (1, 1_999)}, ())


async def test_the_owner_who_claims_again_gets_the_groups_joined_meanwhile(shop: Shop) -> None:
    cart_id = await create(shop, ANA)
    await shop.add(cart_id, "MUG", caller=ANA)
    shop.facts.by_customer["ana"] = TRADE
    change = await shop.carts.claim(ANA, cart_id, Write())
    assert change.cart is not None
    assert (lines_of(change.cart), change.cart.terms) == ({"MUG": (1, 1_500)}, CartTerms(groups=("trade",)))


async def test_while_facts_cannot_be_read_a_cart_keeps_its_groups(shop: Shop) -> None:
    shop.facts.by_customer["ana"] = TRADE
    cart_id = await create(shop, ANA)
    await shop.add(cart_id, "MUG", caller=ANA)
    shop.facts.away = True
    change = await shop.carts.claim(ANA, cart_id, Write())
    assert change.cart is not None
    assert (lines_of(change.cart), change.cart.terms.groups) == ({"MUG": (1, 1_500)}, ("trade",))
    assert lines_of(await shop.add(cart_id, "MUG", caller=ANA)) == {"MUG": (2, 1_500)}


async def test_a_replay_is_answered_though_the_owner_has_left_the_group_and_the_cart_has_ended(shop: Shop) -> None:
    shop.facts.by_customer["ana"] = TRADE
    cart_id = await create(shop, ANA)
    line = NewLine(sku="MUG", quantity=1)
    first = await shop.carts.add_line(ANA, cart_id, line, Write(key="k"))
    assert first.line is not None
    await shop.carts.complete(SERVICE, cart_id, {first.line: 1}, Write())
    shop.facts.by_customer["ana"] = VerifiedFacts()
    again = await shop.carts.add_line(ANA, cart_id, line, Write(key="k"))
    assert (again.replayed, again.version) == (True, first.version)


async def test_a_claim_keeps_terms_that_were_set_while_it_priced_the_lines(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.facts.by_customer["ana"] = TRADE
    cart_id = await create(shop)
    await shop.add(cart_id, "MUG")
    claim_on_terms = shop.store.set_terms
    meanwhile = [("BRL", "app"), ("USD", "web")]

    async def late(*args: Any) -> Any:
        if args[1].owner and meanwhile:
            currency, channel = meanwhile.pop()
            await set_terms(shop, cart_id, currency, channel=channel, country="BR")
        return await claim_on_terms(*args)

    monkeypatch.setattr(shop.store, "set_terms", late)
    change = await shop.carts.claim(ANA, cart_id, Write())
    assert change.cart is not None
    assert change.cart.terms == CartTerms(channel="app", country="BR", groups=("trade",))
    assert not meanwhile


async def test_new_terms_do_not_take_the_groups_of_a_claim_that_came_between(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.facts.by_customer["ana"] = TRADE
    cart_id = await create(shop)
    await shop.add(cart_id, "MUG")
    write_terms = shop.store.set_terms
    claimed: list[str] = []

    async def late(*args: Any) -> Any:
        if not claimed:
            claimed.append(cart_id)
            await shop.carts.claim(ANA, cart_id, Write())
        return await write_terms(*args)

    monkeypatch.setattr(shop.store, "set_terms", late)
    cart = await set_terms(shop, cart_id, country="BR", caller=ANA)
    assert (lines_of(cart), cart.terms) == ({"MUG": (1, 1_500)}, CartTerms(country="BR", groups=("trade",)))
