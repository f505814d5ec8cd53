"""When a buyer is asked again: only if a line or the total is worse than what they were shown."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.domains.cart.contract import NewLine, Write
from renga.domains.orders.contract import CheckoutNotFound
from renga.domains.orders.model.consent import HONOURED, settled, worse
from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.domains.orders.requote import requote
from renga.domains.pricing.contract import BuyerQuote, QuoteLine, QuoteRequest
from renga.kernel.buyer_terms import BuyerTerms
from renga.kernel.money import Money
from tests.orders.counter import ANA, GUEST, READY, Counter
from tests.pricing.shop import percent

LIFE_MS = 900_000


def line(name: str, quantity: float, total: int) -> QuoteLine:
    zero = Money(0, "BRL")
    return QuoteLine(
        line=name, sku=name.upper(), title=name, quantity=quantity, asked=quantity, was=zero, now=zero, change=None,
        discounts=(), unit_price=zero, tax=zero, total=Money(total, "BRL"),
    )  # fmt: skip


def frozen(*lines: QuoteLine, shipping: int = 0, currency: str = "BRL", expires_ms: int = LIFE_MS) -> FrozenQuote:
    zero, total = Money(0, currency), Money(sum(one.total.amount for one in lines) + shipping, currency)
    quote = BuyerQuote(
        currency=currency, lines=lines, totals=(), subtotal=total, discounts=zero, shipping=Money(shipping, currency),
        tax=zero, surcharge=zero, total=total, tax_included=zero, rounding=zero, due=total, consent_required=False,
        prices_include_tax=True,
    )  # fmt: skip
    return FrozenQuote(
        id="q", checkout_id="c", cart_id="k", cart_version=1, created_ms=0, expires_ms=expires_ms, quote=quote,
        request=QuoteRequest(terms=BuyerTerms(currency=currency), lines=()), language="en",
    )  # fmt: skip


def codes(before: FrozenQuote, after: FrozenQuote) -> list[tuple[str, str | None]]:
    return [(one.code, one.line) for one in worse(before, after)]


def test_what_is_worse() -> None:
    shown = frozen(line("a", 2, 1000), line("b", 1, 500), shipping=300)
    same = [line("a", 2, 1000), line("b", 1, 500)]
    assert codes(shown, frozen(*same, shipping=300)) == []
    assert codes(shown, frozen(*reversed(same), shipping=300)) == []
    assert codes(shown, frozen(line("a", 2, 900), line("b", 1, 400), shipping=0)) == []
    assert codes(shown, frozen(line("a", 2, 1001), line("b", 1, 400), shipping=0)) == [("price_up", "a")]
    assert codes(shown, frozen(*same, shipping=301)) == [("total_up", None)]
    assert codes(shown, frozen(line("a", 2, 1000), shipping=300)) == [("removed", "b")]
    assert codes(shown, frozen(line("a", 1, 500), line("b", 0, 0), shipping=300)) == [
        ("quantity_reduced", "a"), ("unavailable", "b"),
    ]  # fmt: skip
    assert codes(shown, frozen(line("a", 1, 501), line("b", 1, 1), shipping=0)) == [("quantity_reduced", "a")]
    assert codes(shown, frozen(*same, line("gift", 1, 0), shipping=300)) == []
    assert codes(shown, frozen(*same, line("c", 1, 1), shipping=0)) == [("added", "c")]
    assert codes(shown, frozen(*same, shipping=300, currency="USD")) == [("currency_changed", None)]
    gone = frozen(line("a", 0, 0), line("b", 1, 500))
    assert codes(gone, frozen(line("b", 1, 500))) == []
    assert codes(gone, frozen(line("a", 1, 1), line("b", 1, 400))) == [("added", "a")]


def test_a_quote_is_honoured_while_it_lives_but_what_is_gone_is_gone() -> None:
    shown = frozen(line("a", 2, 1000))
    dearer, cheaper, fewer = frozen(line("a", 2, 1200)), frozen(line("a", 2, 800)), frozen(line("a", 1, 600))
    assert settled(shown, dearer, LIFE_MS - 1) == (shown, ())
    assert settled(shown, dearer, LIFE_MS) == (dearer, worse(shown, dearer))
    for at in (0, LIFE_MS):
        assert settled(shown, cheaper, at) == (cheaper, ())
        assert settled(shown, fewer, at) == (fewer, worse(shown, fewer))
    both = frozen(line("a", 2, 1200), line("b", 1, 1))
    assert settled(shown, both, 0) == (both, worse(shown, both)), "b was never shown"


lines = st.lists(
    st.builds(line, st.sampled_from("abcd"), st.sampled_from([0, 0.25, 1, 2, 3]), st.integers(0, 3000)),
    unique_by=lambda one: one.line, max_size=4,
)  # fmt: skip
quotes = st.builds(lambda found, shipping: frozen(*found, shipping=shipping), lines, st.integers(0, 500))


@given(quotes)
def test_a_quote_is_never_worse_than_itself(one: FrozenQuote) -> None:
    assert worse(one, one) == ()


@given(quotes, quotes)
def test_what_asks_for_nothing_costs_no_more_and_gives_no_less(before: FrozenQuote, after: FrozenQuote) -> None:
    if worse(before, after):
        return
    assert after.quote.due.amount <= before.quote.due.amount
    now = {one.line: one for one in after.quote.lines}
    for was in before.quote.lines:
        if was.quantity:
            assert now[was.line].quantity >= was.quantity
            assert now[was.line].total.amount * was.quantity <= was.total.amount * now[was.line].quantity
    shown = {one.line for one in before.quote.lines if one.quantity}
    assert all(one.total.amount == 0 or one.line in shown for one in after.quote.lines if one.quantity)


@given(quotes, quotes)
def test_each_difference_can_be_seen_in_the_two_quotes(before: FrozenQuote, after: FrozenQuote) -> None:
    was, now = ({one.line: one for one in quote.quote.lines} for quote in (before, after))
    for one in worse(before, after):
        if one.code == "total_up":
            assert after.quote.due.amount > before.quote.due.amount
        elif one.code == "removed":
            assert one.line in was
            assert one.line not in now
        elif one.code in ("unavailable", "quantity_reduced"):
            assert now[str(one.line)].quantity < was[str(one.line)].quantity
        elif one.code == "added":
            assert now[str(one.line)].total.amount > 0 or not was[str(one.line)].quantity
        else:
            assert one.code == "price_up"


@given(quotes, quotes, st.integers(0, 2 * LIFE_MS))
def test_an_order_without_another_question_is_as_agreed_or_better(
    before: FrozenQuote, after: FrozenQuote, at: int
) -> None:
    used, differences = settled(before, after, at)
    if differences:
        assert used == after
        assert at >= LIFE_MS or any(one.code not in HONOURED for one in differences)
    else:
        assert used == before or not worse(before, after)
        assert worse(before, used) == ()


async def again(counter: Counter, before: FrozenQuote, who: Any = GUEST) -> FrozenQuote:
    record = await counter.store.checkout(before.checkout_id)
    assert record is not None
    return await requote(counter.checkouts.dependencies, who, record, before)


async def kept(counter: Counter, cart: str, who: Any = GUEST, **said: Any) -> FrozenQuote:
    made = await counter.start(cart, who, **{**READY, **said})
    assert made.quote
    found = await counter.store.quote(str(made.quote.id))
    assert found is not None
    return found


async def test_a_requote_is_of_what_was_shown_and_of_nothing_that_was_added(counter: Counter) -> None:
    for sku in ("MUG", "PEN", "CUP"):
        await counter.house.sell(sku, 1000)
    cart = await counter.cart_of({"MUG": 2, "PEN": 2, "CUP": 1})
    before = await kept(counter, cart)
    assert worse(before, await again(counter, before)) == ()
    names = {one.sku: one.line for one in before.quote.lines}
    await counter.house.sell("HAT", 9000)
    await counter.add(cart, "HAT")
    await counter.add(cart, "MUG", 5)
    after = await again(counter, before)
    assert {one.sku: one.quantity for one in after.quote.lines} == {"MUG": 2, "PEN": 2, "CUP": 1}
    assert worse(before, after) == ()
    await counter.cart.carts.set_quantity(GUEST, cart, names["PEN"], 1, Write())
    await counter.cart.carts.remove_line(GUEST, cart, names["CUP"], Write())
    changed = await again(counter, before)
    assert [(one.code, one.sku, one.was, one.now) for one in worse(before, changed)] == [
        ("quantity_reduced", "PEN", 2, 1), ("removed", "CUP", 1, 0),
    ]  # fmt: skip
    await counter.cart.carts.clear(GUEST, cart, Write())
    assert {one.code for one in worse(before, await again(counter, before))} == {"removed"}
    assert await counter.count("quotes") == 1, "nothing of this is kept"


async def test_a_requote_has_todays_prices_and_stock(counter: Counter) -> None:
    await counter.house.sell("MUG", 1000)
    promotion = await counter.house.promote(percent(1000), codes=["ONE"], limits={"uses": 1})
    before = await kept(counter, await counter.cart_of({"MUG": 2}), coupons=["ONE"])
    assert before.quote.discounts.amount == 200
    await counter.price("MUG", 1100)
    dearer = await again(counter, before)
    assert [one.code for one in worse(before, dearer)] == ["price_up", "total_up"]
    assert settled(before, dearer, counter.clock.now_ms()) == (before, ())
    counter.clock.advance(seconds=900)
    assert settled(before, dearer, counter.clock.now_ms())[0] == dearer
    await counter.price("MUG", 1000)
    await counter.house.pricing.redeem(counter.house.hold("other", promotion))
    used_up = await again(counter, before)
    assert [one.code for one in worse(before, used_up)] == ["price_up", "total_up"]
    counter.house.stock.by_sku["MUG"] = 1000
    assert "quantity_reduced" in {one.code for one in worse(before, await again(counter, before))}


async def test_a_requote_of_a_cart_that_was_claimed_is_its_owners(counter: Counter) -> None:
    await counter.house.sell("MUG", 1000)
    cart = await counter.cart_of({"MUG": 1})
    before = await kept(counter, cart)
    await counter.cart.carts.claim(ANA, cart, Write())
    with pytest.raises(CheckoutNotFound):
        await again(counter, before)
    assert worse(before, await again(counter, before, ANA)) == ()


async def test_what_the_buyer_wrote_on_a_line_and_on_the_cart_is_in_the_quote(counter: Counter) -> None:
    await counter.house.sell("MUG", 1000)
    cart = await counter.cart_of({})
    await counter.cart.carts.add_line(GUEST, cart, NewLine(sku="MUG", quantity=1, options={"text": "Olá"}), Write())
    await counter.cart.carts.set_note(GUEST, cart, "Please ring twice", Write())
    found = await kept(counter, cart)
    assert (found.options, found.note) == ({found.quote.lines[0].line: {"text": "Olá"}}, "Please ring twice")
