"""The life of a quote and of a checkout; carts that end; what carts tell; what is forgotten."""

import asyncio

import pytest

from renga.domains.cart.contract import Write
from renga.domains.orders.close_checkouts import abandon_one, expire_due, expire_one, forget_ended
from renga.domains.orders.contract import CheckoutHasExpired, CheckoutState
from renga.domains.orders.hear_cart import hear_ended, hear_started
from renga.domains.orders.model.checkout_states import LIVE, MOVES, CheckoutMoveIllegal, checked_move
from renga.kernel.clock import DAY_MS, rfc3339
from renga.kernel.events import Event
from tests.orders.counter import ANA, GUEST, READY, Counter, codes_of

QUOTE_S, CHECKOUT_S = 900, 21_600


def started(cart: str, id_: str = "e1") -> Event:
    data = {"cart_id": cart, "version": 2}
    return Event(
        id=id_, source="renga/cart", type="cart.CheckoutStarted", subject=cart, time=rfc3339(0), data=data, sequence=2
    )


async def test_a_quote_is_honoured_for_its_life_and_then_made_again(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    made = await counter.start(await counter.cart_of({"MUG": 1}), **READY)
    await counter.price("MUG", 7000)
    counter.clock.advance(ms=QUOTE_S * 1000 - 1)
    assert await counter.read(made) == made
    counter.clock.advance(ms=1)
    again = await counter.read(made)
    assert again.quote
    assert made.quote
    assert (again.quote.id != made.quote.id, again.quote.subtotal.amount) == (True, 7000)
    assert again.expires_at > made.expires_at, "who reads it is still there"
    assert (await counter.read(made)) == again
    assert await counter.count("quotes") == 1


async def test_a_changed_cart_is_quoted_again(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1})
    made = await counter.start(cart, **READY)
    await counter.add(cart, "MUG", 2)
    again = await counter.read(made)
    assert again.quote
    assert (again.quote.lines[0].quantity, again.quote.subtotal.amount) == (3, 15_000)
    await counter.cart.carts.clear(GUEST, cart, Write())
    empty = await counter.read(made)
    assert codes_of(empty) == {"cart_empty": "$.quote.lines"}
    assert empty.quote
    assert (empty.quote.lines, empty.quote.total.amount, empty.email) == ((), 0, "ana@example.com")


async def test_a_checkout_expires_once_and_the_next_start_makes_a_new_one(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1}, expires_in_s=None)
    made = await counter.start(cart, **READY)
    counter.clock.advance(seconds=CHECKOUT_S)
    assert ((await counter.read(made)).state, codes_of(await counter.read(made))) == ("expired", {})
    with pytest.raises(CheckoutHasExpired):
        await counter.change(made, email="eve@example.com")
    both = await asyncio.gather(
        *(expire_due(counter.store, counter.clock, counter.checkouts.dependencies.new_id) for _ in range(2))
    )
    assert sum(ended for _, ended in both) == 1
    assert await counter.event_types() == ["CheckoutOpened", "CheckoutClosed"]
    closed = (await counter.events())[1]
    assert closed.data == {"checkout_id": made.id, "cart_id": cart, "state": "expired"}
    assert closed.sequence > (await counter.events())[0].sequence
    again, fresh = await counter.begin(cart, **READY)
    assert (fresh, again.id != made.id, again.state) == (True, True, "open")


async def test_a_start_does_not_wait_for_the_worker(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1})
    made = await counter.start(cart, **READY)
    counter.clock.advance(seconds=CHECKOUT_S)
    again = await counter.start(cart)
    assert (again.id != made.id, again.email) == (True, None), "what a former buyer said is not shown"
    assert (await counter.read(made)).state == "expired"
    assert await counter.event_types() == ["CheckoutOpened", "CheckoutClosed", "CheckoutOpened"]


async def test_what_is_renewed_or_placed_in_time_does_not_expire(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    made = await counter.start(await counter.cart_of({"MUG": 1}), **READY)
    counter.clock.advance(seconds=CHECKOUT_S - 1)
    await counter.change(made)
    counter.clock.advance(seconds=2)
    assert await expire_due(counter.store, counter.clock, lambda: "x") == (0, 0)
    assert await expire_one(counter.store, counter.clock, lambda: "x", made.id) is False
    await counter.house.pool.execute("UPDATE orders.checkouts SET state = 'placing'")
    counter.clock.advance(seconds=CHECKOUT_S)
    assert await expire_due(counter.store, counter.clock, lambda: "x") == (0, 0)
    assert await abandon_one(counter.store, counter.clock, lambda: "x", made.id) is False
    assert (await counter.read(made)).state == "placing"


async def test_a_started_checkout_is_known_where_nobody_asked_for_a_quote(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1}, ANA)
    await counter.cart.carts.start_checkout(ANA, cart, Write())
    dependencies = counter.checkouts.dependencies
    heard = await asyncio.gather(*(hear_started(dependencies, started(cart)) for _ in range(3)))
    assert sorted(heard) == [False, False, True]
    assert await hear_started(dependencies, started(cart, "e2")) is False, "there is one already"
    assert await counter.event_types() == ["CheckoutOpened"]
    known = await counter.store.live(cart)
    assert known is not None
    assert (known.customer, known.quote_id, known.state) == ("ana", None, "open")
    made, fresh = await counter.begin(cart, ANA, email="ana@example.com")
    assert (made.id, fresh) == (known.id, True), "nobody had seen it"
    assert (await counter.begin(cart, ANA))[1] is False
    assert await counter.event_types() == ["CheckoutOpened"]


async def test_the_news_of_the_apis_own_start_makes_no_second_one(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1})
    made = await counter.start(cart)
    assert await hear_started(counter.checkouts.dependencies, started(cart)) is False
    assert (await counter.count("checkouts"), await counter.count("inbox")) == (1, 1)
    assert await counter.read(made) == made


async def test_old_news_of_a_start_makes_none(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    dependencies = counter.checkouts.dependencies
    cart = await counter.cart_of({"MUG": 1})
    assert await hear_started(dependencies, started(cart)) is False, "the buyer has gone on shopping"
    await counter.cart.carts.start_checkout(GUEST, cart, Write())
    line = (await counter.cart.carts.read(GUEST, cart)).lines[0].line
    await counter.cart.carts.complete(GUEST, cart, {line: 1}, Write())
    assert await hear_started(dependencies, started(cart, "e2")) is False, "it was bought"
    assert await hear_started(dependencies, started("019aa5d8-1f00-7000-8a55-3c1f0c2a1177", "e3")) is False
    assert await counter.count("checkouts") == 0


async def test_a_checkout_ends_with_its_cart(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart, target = await counter.cart_of({"MUG": 1}), await counter.cart_of({"MUG": 1}, ANA)
    made = await counter.start(cart, **READY)
    await counter.cart.carts.merge(ANA, target, cart, Write())
    assert (await counter.read(made)).state == "abandoned", "also before the news comes"
    assert await hear_ended(counter.checkouts.dependencies, cart) is False
    other = await counter.start(target, ANA, **READY)
    assert await hear_ended(counter.checkouts.dependencies, target) is True
    assert await hear_ended(counter.checkouts.dependencies, target) is False
    assert (await counter.read(other, ANA)).state == "abandoned"
    assert await counter.event_types() == ["CheckoutOpened", "CheckoutClosed"] * 2


async def test_old_checkouts_are_forgotten_with_their_quotes_and_live_ones_are_not(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    await counter.start(await counter.cart_of({"MUG": 1}), **READY)
    await counter.start(await counter.cart_of({"MUG": 1}), **READY)
    counter.clock.advance(seconds=CHECKOUT_S)
    live = await counter.start(await counter.cart_of({"MUG": 1}), **READY)
    await expire_due(counter.store, counter.clock, counter.checkouts.dependencies.new_id)
    counter.clock.advance(ms=DAY_MS)
    assert await forget_ended(counter.store, counter.clock, 1) == 0
    counter.clock.advance(ms=1)
    assert await forget_ended(counter.store, counter.clock, 1) == 2
    assert (await counter.count("checkouts"), await counter.count("quotes")) == (1, 1)
    assert await counter.store.checkout(live.id) is not None


async def test_an_erased_persons_checkouts_are_gone(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    await counter.start(await counter.cart_of({"MUG": 1}, ANA), ANA, **READY)
    other = await counter.start(await counter.cart_of({"MUG": 1}), **READY)
    placing = await counter.start(await counter.cart_of({"MUG": 1}, ANA), ANA, **READY)
    await counter.house.pool.execute(
        "UPDATE orders.checkouts SET state = 'placing' WHERE id = $1::text::uuid", placing.id
    )
    for _ in range(2):
        await counter.store.erase("ana")
        rows = await counter.house.pool.fetch("SELECT id::text FROM orders.checkouts ORDER BY id")
        assert [row[0] for row in rows] == sorted([other.id, placing.id])
        assert await counter.count("quotes") == 2


def test_states_are_data_and_what_ended_stays_ended() -> None:
    states: list[CheckoutState] = ["open", "placing", "completed", "expired", "abandoned"]
    moves = {(before, after) for before in states for after in states if after in MOVES[before]}
    assert moves == {
        ("open", "placing"), ("open", "expired"), ("open", "abandoned"), ("placing", "open"), ("placing", "completed"),
        ("placing", "abandoned"),
    }  # fmt: skip
    assert {state for state in states if MOVES[state]} == LIVE
    for before in states:
        for after in states:
            if (before, after) in moves:
                assert checked_move(before, after) == after
            else:
                with pytest.raises(CheckoutMoveIllegal):
                    checked_move(before, after)
