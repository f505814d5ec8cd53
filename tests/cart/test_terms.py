"""Terms of a cart: whose prices it has, what moves them, and how many questions an add asks."""

import asyncio
from typing import Any

import msgspec
import pytest

from renga.domains.cart import contract
from renga.domains.cart.contract import ANY_CART, Cart, CartTerms, NewLine, PriceMove, Write
from renga.domains.cart.model import line_id
from renga.domains.catalog.contract import ListPrice
from renga.kernel.buyer_terms import TermsInvalid, VerifiedFacts
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.errors import RengaError
from renga.kernel.money import Money, UnknownCurrency
from tests.cart.support import MemoryCatalog, Shop, lines_of, offer

ANA, SERVICE = Caller("ana"), Caller("orders", frozenset({ANY_CART}), program=True)
TRADE = VerifiedFacts(groups=("trade",))


def listed(amount: int, **terms: Any) -> ListPrice:
    return ListPrice(currency="BRL", amount=amount, **terms)


@pytest.fixture
def catalog() -> MemoryCatalog:
    """A mug with breaks, a trade price and a price in the app; a bowl that only the app sells; a cup without conditions."""
    rows = (
        listed(1_700, min_quantity=3),
        listed(1_500, group="trade"),
        listed(1_900, channel="app"),
    )
    mug = msgspec.structs.replace(
        offer("MUG", BRL=1_999, USD=499), plain_prices={"BRL": 1_999, "USD": 499}, price_list=rows
    )
    bowl = msgspec.structs.replace(offer("BOWL", BRL=3_000), channels=("app",))
    return MemoryCatalog(mug, bowl, offer("CUP", BRL=700))


def brl(sku: str, was: int, now: int) -> PriceMove:
    return PriceMove(line=line_id(sku, {}), was=Money(was, "BRL"), now=Money(now, "BRL"))


async def create(shop: Shop, caller: Caller = ANONYMOUS, **terms: Any) -> str:
    return (await shop.carts.create(caller, "BRL", write=Write(), **terms)).cart_id


async def terms_of(shop: Shop, cart_id: str, caller: Caller = ANONYMOUS) -> CartTerms:
    return (await shop.carts.read(caller, cart_id)).terms


async def test_a_guest_gets_the_plain_price_and_its_breaks(shop: Shop) -> None:
    cart_id = await create(shop)
    assert lines_of(await shop.add(cart_id, "MUG", 2)) == {"MUG": (2, 1_999)}
    cart = await shop.add(cart_id, "MUG", 1)
    assert (lines_of(cart), cart.moves) == ({"MUG": (3, 1_700)}, (brl("MUG", 1_999, 1_700),))
    (line,) = cart.lines
    assert (line.current_price, line.price_moved, line.line_total) == (Money(1_700, "BRL"), False, Money(5_100, "BRL"))


async def test_a_cart_of_another_channel_has_the_prices_of_that_channel(shop: Shop) -> None:
    cart_id = await create(shop, channel="app", country="BR", region="SP")
    assert await terms_of(shop, cart_id) == CartTerms(channel="app", country="BR", region="SP")
    assert lines_of(await shop.add(cart_id, "MUG")) == {"MUG": (1, 1_900)}


async def test_a_process_that_does_not_know_the_terms_asks_once_more_and_only_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    cart_id = await create(shop, channel="app")
    shop.dependencies.price_keys.remember(cart_id, "web")  # as in another process
    calls = 0
    add = shop.store.add

    async def counted(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        return await add(*args)

    monkeypatch.setattr(shop.store, "add", counted)
    assert lines_of(await shop.add(cart_id, "MUG")) == {"MUG": (1, 1_900)}
    assert calls == 2
    await shop.add(cart_id, "MUG")
    assert calls == 3


async def test_a_customers_groups_are_those_the_shop_has_verified(shop: Shop) -> None:
    shop.facts.by_customer["ana"] = TRADE
    cart_id = await create(shop, ANA)
    assert (await terms_of(shop, cart_id, ANA)).groups == ("trade",)
    assert lines_of(await shop.add(cart_id, "MUG", caller=ANA)) == {"MUG": (1, 1_500)}


async def test_a_claim_prices_the_lines_for_the_customers_groups(shop: Shop) -> None:
    shop.facts.by_customer["ana"] = TRADE
    cart_id = await create(shop)
    await shop.add(cart_id, "MUG")
    await shop.add(cart_id, "CUP")
    change = await shop.carts.claim(ANA, cart_id, Write())
    assert change.cart is not None
    assert (lines_of(change.cart), change.moves) == ({"MUG": (1, 1_500), "CUP": (1, 700)}, (brl("MUG", 1_999, 1_500),))
    assert (change.cart.customer, change.cart.terms.groups) == ("ana", ("trade",))


async def test_a_claim_by_a_customer_without_groups_moves_no_price(shop: Shop) -> None:
    cart_id = await create(shop)
    await shop.add(cart_id, "CUP")
    shop.catalog.put(offer("CUP", BRL=900))
    shop.offers.drop(["CUP"])
    change = await shop.carts.claim(ANA, cart_id, Write())
    assert change.cart is not None
    assert (lines_of(change.cart), change.moves) == ({"CUP": (1, 700)}, ())


async def test_a_claim_keeps_the_price_of_what_is_not_sold_any_more(shop: Shop) -> None:
    shop.facts.by_customer["ana"] = TRADE
    cart_id = await create(shop)
    await shop.add(cart_id, "CUP")
    del shop.catalog.by_sku["CUP"]
    shop.offers.drop(["CUP"])
    change = await shop.carts.claim(ANA, cart_id, Write())
    assert change.cart is not None
    assert lines_of(change.cart) == {"CUP": (1, 700)}


async def test_a_guests_lines_that_move_into_a_trade_customers_cart_get_trade_prices(shop: Shop) -> None:
    shop.facts.by_customer["ana"] = TRADE
    mine, guests = await create(shop, ANA), await create(shop)
    await shop.add(guests, "MUG", 2)
    await shop.add(guests, "CUP")
    change = await shop.carts.merge(ANA, mine, guests, Write())
    assert change.cart is not None
    assert lines_of(change.cart) == {"MUG": (2, 1_500), "CUP": (1, 700)}


async def test_while_facts_cannot_be_read_a_customer_buys_as_a_guest(shop: Shop) -> None:
    shop.facts.away = True
    cart_id = await create(shop, ANA)
    assert lines_of(await shop.add(cart_id, "MUG", caller=ANA)) == {"MUG": (1, 1_999)}


async def set_terms(shop: Shop, cart_id: str, currency: str = "BRL", caller: Caller = ANONYMOUS, **terms: Any) -> Cart:
    change = await shop.carts.set_terms(caller, cart_id, currency, write=Write(), **terms)
    assert change.cart is not None
    assert change.cart.moves == change.moves
    return change.cart


async def test_a_change_of_terms_prices_the_lines_again_and_shows_each_move(shop: Shop) -> None:
    cart_id = await create(shop)
    await shop.add(cart_id, "MUG", 3)
    await shop.add(cart_id, "CUP")
    cart = await set_terms(shop, cart_id, channel="app")
    assert (lines_of(cart), cart.moves) == ({"MUG": (3, 1_900), "CUP": (1, 700)}, (brl("MUG", 1_700, 1_900),))
    assert (await set_terms(shop, cart_id, channel="app")).version == cart.version
    assert lines_of(await shop.add(cart_id, "BOWL")) == {"MUG": (3, 1_900), "CUP": (1, 700), "BOWL": (1, 3_000)}


async def test_a_service_changes_the_terms_of_a_customers_cart_with_the_customers_groups(shop: Shop) -> None:
    shop.facts.by_customer |= {"ana": TRADE, "orders": VerifiedFacts(groups=("staff",))}
    cart_id = await create(shop, ANA)
    cart = await set_terms(shop, cart_id, caller=SERVICE, country="PT")
    assert cart.terms == CartTerms(country="PT", groups=("trade",))


REFUSED: dict[str, tuple[dict[str, Any], type[RengaError], dict[str, Any]]] = {
    "a currency in which a line is not sold": (
        {"currency": "USD"}, contract.CurrencyUnavailable, {"skus": ["CUP"], "currency": "USD"}),
    "a channel that does not exist by its form": ({"channel": "Web!"}, TermsInvalid, {"field": "channel"}),
    "a region without a country": ({"region": "SP"}, TermsInvalid, {"field": "region"}),
    "no currency": ({"currency": "XXX"}, UnknownCurrency, {"currency": "XXX"}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_terms_that_do_not_fit_are_refused_and_nothing_changes(shop: Shop, name: str) -> None:
    terms, error, extra = REFUSED[name]
    cart_id = await create(shop)
    await shop.add(cart_id, "MUG")
    await shop.add(cart_id, "CUP")
    before = await shop.dump(cart_id)
    with pytest.raises(error) as refused:
        await set_terms(shop, cart_id, **terms)
    assert refused.value.extra == extra
    assert await shop.dump(cart_id) == before


async def test_a_channel_that_does_not_sell_a_line_is_refused(shop: Shop) -> None:
    cart_id = await create(shop, channel="app")
    await shop.add(cart_id, "BOWL")
    before = await shop.dump(cart_id)
    with pytest.raises(contract.VariantNotAvailable) as refused:
        await set_terms(shop, cart_id)
    assert refused.value.extra == {"skus": ["BOWL"], "channel": "web"}
    assert await shop.dump(cart_id) == before


async def test_a_repeated_change_of_terms_is_a_replay_even_if_it_could_not_be_made_now(shop: Shop) -> None:
    cart_id = await create(shop)
    await shop.add(cart_id, "CUP")
    first = await shop.carts.set_terms(ANONYMOUS, cart_id, "BRL", channel="app", write=Write(key="k-1"))
    del shop.catalog.by_sku["CUP"]
    shop.offers.drop(["CUP"])
    again = await shop.carts.set_terms(ANONYMOUS, cart_id, "BRL", channel="app", write=Write(key="k-1"))
    assert (again.replayed, again.version) == (True, first.version)


async def test_a_line_that_comes_between_pricing_and_writing_is_priced_too(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    cart_id = await create(shop)
    await shop.add(cart_id, "CUP")
    write = shop.store.set_terms
    raced = False

    async def after_an_add(*args: Any) -> Any:
        nonlocal raced
        if not raced:
            raced = True
            await shop.add(cart_id, "MUG")
        return await write(*args)

    monkeypatch.setattr(shop.store, "set_terms", after_an_add)
    cart = await set_terms(shop, cart_id, channel="app")
    assert lines_of(cart) == {"CUP": (1, 700), "MUG": (1, 1_900)}


@pytest.mark.parametrize("sku", ["BOWL"])
async def test_what_the_channel_does_not_sell_is_not_available_to_add_or_replace(shop: Shop, sku: str) -> None:
    cart_id = await create(shop)
    before = await shop.dump(cart_id)
    line = NewLine(sku=sku)
    for call in (
        shop.carts.add_line(ANONYMOUS, cart_id, line, Write()),
        shop.carts.replace_lines(ANONYMOUS, cart_id, [NewLine(sku="CUP"), line], Write()),
    ):
        with pytest.raises(contract.VariantNotAvailable) as refused:
            await call
        assert refused.value.extra == {"sku": sku, "channel": "web"}
    assert await shop.dump(cart_id) == before


async def test_a_cart_is_read_without_current_prices_while_the_catalogue_hangs(shop: Shop) -> None:
    cart_id = await create(shop)
    await shop.add(cart_id, "CUP")
    shop.offers.drop(["CUP"])
    shop.catalog.hangs = True
    async with asyncio.timeout(5):
        (line,) = (await shop.carts.read(ANONYMOUS, cart_id)).lines
    assert (line.unit_price, line.current_price) == (Money(700, "BRL"), None)
