"""POST /v1/checkouts: a new checkout or the live one of the cart; what it says; what it refuses."""

import asyncio
from uuid import uuid4

import pytest

from renga.domains.cart.contract import (
    CartAlreadyCompleted,
    CartHasExpired,
    CartNotFound,
    StoreUnavailable,
    VersionConflict,
    Write,
)
from renga.domains.orders.contract import CartEmpty, CheckoutBusy, CheckoutRequest
from renga.kernel.buyer_terms import VerifiedFacts
from renga.kernel.errors import Unprocessable
from renga.kernel.once import IdempotencyConflict, Once
from tests.face_clients import FaceClients
from tests.orders.counter import ADDRESS, ANA, BOB, GUEST, READY, SERVICE, Counter, codes_of, principal


async def test_a_new_checkout_over_http_has_every_part(clients: FaceClients, counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 2})
    body = {"cart_id": cart, "email": " Ana@Example.COM ", "shipping_address": ADDRESS}
    answer = await clients.as_(None).post("/v1/checkouts", json=body)
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "private, no-store"), answer.text
    made = answer.json()
    assert answer.headers["location"] == f"/v1/checkouts/{made['id']}"
    assert (made["state"], made["email"], made["cart_id"]) == ("open", "ana@example.com", cart)
    assert made["continue_url"] == f"http://shop/cart?checkout={made['id']}"
    assert made["requirements"] == [
        {"code": "payment_method_required", "path": "$.payment.method", "resolved_by": "client"}
    ]
    (option,) = made["shipping_options"]
    assert (option["id"], option["title"], option["price"]) == (
        "standard",
        "Standard",
        {"amount": 1990, "currency": "BRL"},
    )
    assert option["from"] < option["to"]
    assert [one["method"] for one in made["payment_methods"]] == ["card", "pix", "boleto"]
    quote = made["quote"]
    line = quote["lines"][0]
    assert (line["was"]["amount"], line["now"]["amount"], line["change"], line["quantity"]) == (5000, 5000, None, 2)
    assert [(one["type"], one["amount"]["amount"]) for one in quote["totals"]] == [
        ("subtotal", 10_000), ("shipping", 1990), ("total", 11_990),
    ]  # fmt: skip
    assert quote["expires_at"] < made["expires_at"]
    assert counter.payments.asked[-1][0].amount == 11_990
    again = await clients.as_(None).get(f"/v1/checkouts/{made['id']}")
    assert (again.status_code, again.json()) == (200, made)
    assert await counter.event_types() == ["CheckoutOpened"]
    assert (await counter.cart.carts.read(GUEST, cart)).state == "checkout"


async def test_a_second_start_answers_with_the_live_checkout_changed(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1})
    first, fresh = await counter.begin(cart, email="ana@example.com")
    second, again = await counter.begin(cart, shipping_address=ADDRESS)
    assert (fresh, again, first.id == second.id) == (True, False, True)
    assert (second.email, second.shipping_address is not None) == ("ana@example.com", True)
    assert second.quote
    assert first.quote
    assert second.quote.id != first.quote.id
    assert (await counter.count("checkouts"), await counter.count("quotes")) == (1, 1), (
        "only the last one shown is kept"
    )
    assert await counter.event_types() == ["CheckoutOpened"]


async def test_starts_at_the_same_time_give_one_checkout(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1})
    made = await asyncio.gather(*(counter.begin(cart, email=f"a{n}@example.com") for n in range(20)))
    assert len({one.id for one, _ in made}) == 1
    assert sum(fresh for _, fresh in made) == 1
    assert await counter.count("checkouts") == 1
    assert await counter.event_types() == ["CheckoutOpened"]


async def test_starts_in_several_processes_give_one_checkout_too(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1})
    request = CheckoutRequest(cart_id=cart, email="ana@example.com")
    processes = [counter.with_settings() for _ in range(4)]
    made = await asyncio.gather(*(one.start(GUEST, request) for one in processes))
    assert len({one.id for one, _ in made}) == 1
    assert sum(fresh for _, fresh in made) == 1
    assert (await counter.count("checkouts"), await counter.count("quotes")) == (1, 1)
    assert await counter.event_types() == ["CheckoutOpened"]
    kept = await counter.read(made[0][0])
    assert [one.quote for one, _ in made].count(kept.quote) == 1, "the one that was shown last is kept"


async def test_a_key_makes_one_checkout_and_answers_as_before(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1})

    def once(print_: bytes = b"a", key: str = "k") -> Once:
        return Once(scope="guest", key=key, fingerprint=print_)

    first, fresh = await counter.begin(cart, once=once(), email="ana@example.com")
    repeated = once()
    again = await counter.begin(cart, once=repeated, email="ana@example.com")
    assert again == (first, True)
    assert fresh
    assert repeated.replay.happened
    changed = await counter.begin(cart, once=once(key="other"), email="bob@example.com")
    assert (changed[0].email, changed[1]) == ("bob@example.com", False)
    assert (await counter.begin(cart, once=once(key="other"), email="bob@example.com"))[1] is False
    with pytest.raises(IdempotencyConflict):
        await counter.begin(cart, once=once(b"b"), email="eve@example.com")
    assert (await counter.read(first)).email == "bob@example.com"
    made = await asyncio.gather(*(counter.begin(cart, once=once(key="race"), tax_id="11144477735") for _ in range(4)))
    assert len({one.quote.id for one, _ in made if one.quote}) == 1, "one change, four equal answers"


async def test_a_version_that_is_not_the_carts_is_refused(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1})
    version = (await counter.cart.carts.read(GUEST, cart)).version
    with pytest.raises(VersionConflict):
        await counter.start(cart, cart_version=version - 1)
    assert await counter.count("checkouts") == 0
    assert (await counter.cart.carts.read(GUEST, cart)).state == "open", "the cart was not told"
    made = await counter.start(cart, cart_version=version)
    assert (made.cart_version, (await counter.cart.carts.read(GUEST, cart)).version) == (version, version + 1)
    assert (await counter.start(cart, cart_version=version)).id == made.id, (
        "the start itself changed nothing in the cart"
    )
    assert (await counter.change(made, cart_version=version + 1)).id == made.id
    await counter.add(cart, "MUG")
    with pytest.raises(VersionConflict):
        await counter.change(made, cart_version=version + 1, email="ana@example.com")
    assert (await counter.read(made)).email is None


async def test_carts_that_cannot_be_checked_out(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    empty = await counter.cart_of({})
    for cart, error in ((empty, CartEmpty), (str(uuid4()), CartNotFound), ("no-id", CartNotFound)):
        with pytest.raises(error):
            await counter.start(cart)
    saved = await counter.cart_of({"MUG": 1})
    line = (await counter.cart.carts.read(GUEST, saved)).lines[0].line
    await counter.cart.carts.save_for_later(GUEST, saved, line, Write())
    with pytest.raises(CartEmpty):
        await counter.start(saved)
    bought = await counter.cart_of({"MUG": 1})
    await counter.cart.carts.complete(GUEST, bought, {line: 1}, Write())
    with pytest.raises(CartAlreadyCompleted):
        await counter.start(bought)
    old = await counter.cart_of({"MUG": 1}, expires_in_s=60)
    counter.clock.advance(seconds=61)
    with pytest.raises(CartHasExpired):
        await counter.start(old)
    assert (await counter.count("checkouts"), await counter.count("outbox")) == (0, 0)


async def test_a_customers_cart_is_not_checked_out_by_others(clients: FaceClients, counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1}, ANA)
    for who in (None, principal(BOB)):
        answer = await clients.as_(who).post("/v1/checkouts", json={"cart_id": cart})
        assert (answer.status_code, answer.json()["code"]) == (404, "cart_not_found")
    assert await counter.count("checkouts") == 0
    made = await clients.as_(principal(ANA)).post("/v1/checkouts", json={"cart_id": cart})
    assert (made.status_code, made.json()["customer"]) == (201, "ana")
    path = f"/v1/checkouts/{made.json()['id']}"
    for who in (None, principal(BOB)):
        for answer in (
            await clients.as_(who).get(path), await clients.as_(who).patch(path, json={"email": "eve@example.com"})
        ):  # fmt: skip
            assert (answer.status_code, answer.json()["code"]) == (404, "checkout_not_found")
    robot = clients.as_(principal(SERVICE))
    assert (await robot.get(path)).json()["id"] == made.json()["id"]
    assert (await robot.patch(path, json={"email": "ana@example.com"})).json()["email"] == "ana@example.com"


async def test_a_service_starts_the_checkout_of_any_cart(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1}, ANA)
    made = await counter.start(cart, SERVICE)
    assert made.customer == "ana"
    assert (await counter.read(made, ANA)).id == made.id


async def test_the_buyers_verified_groups_have_their_prices(counter: Counter) -> None:
    trade = {"price_list": [{"currency": "BRL", "amount": 700, "group": "trade"}]}
    await counter.house.sell("MUG", 1000, variant=trade)
    cart = await counter.cart_of({"MUG": 1}, ANA)
    made = await counter.start(cart, ANA)
    assert made.quote
    assert made.quote.subtotal.amount == 1000
    counter.buyers.by_customer["ana"] = VerifiedFacts(groups=("trade",))
    again = await counter.change(made, ANA)
    assert again.quote
    assert again.quote.subtotal.amount == 700


async def test_everything_at_once_leaves_nothing_to_do(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    made = await counter.start(await counter.cart_of({"MUG": 1}), **READY)
    assert codes_of(made) == {}
    frozen = await counter.store.quote(str(made.quote.id)) if made.quote else None
    assert frozen is not None
    assert (frozen.payment_method, frozen.email, frozen.ships, frozen.language) == (
        "card",
        "ana@example.com",
        True,
        "pt-BR",
    )
    assert frozen.quote == made.quote
    assert frozen.request.lines[0].quantity_milli == 1000
    assert frozen.tax_answer is not None
    assert frozen.tax_request is not None


async def test_a_start_that_is_refused_tells_nobody(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1})
    before = await counter.cart.carts.read(GUEST, cart)
    for wrong in ({"email": "nobody"}, {"shipping_address": ADDRESS, "shipping_option": "bike"}):
        with pytest.raises(Unprocessable):
            await counter.start(cart, **wrong)
    assert await counter.cart.carts.read(GUEST, cart) == before
    assert (await counter.count("checkouts"), await counter.count("outbox")) == (0, 0)
    made = await counter.start(cart)
    await counter.house.pool.execute("UPDATE orders.checkouts SET state = 'placing'")
    await counter.add(cart, "MUG")
    with pytest.raises(CheckoutBusy):
        await counter.start(cart, email="eve@example.com")
    assert (await counter.cart.carts.read(GUEST, cart)).state == "open"
    assert (await counter.read(made)).email is None


async def test_a_start_that_ended_before_the_cart_was_told_tells_it_when_it_is_repeated(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1})

    async def away(*_: object) -> None:
        raise StoreUnavailable

    once = Once(scope="guest", key="k", fingerprint=b"f")
    with monkeypatch.context() as patched:
        patched.setattr(counter.cart.carts, "start_checkout", away)
        with pytest.raises(StoreUnavailable):
            await counter.begin(cart, once=once)
    assert (await counter.cart.carts.read(GUEST, cart)).state == "open"
    made, fresh = await counter.begin(cart, once=once)
    assert (fresh, once.replay.happened, await counter.count("checkouts")) == (True, True, 1)
    told = await counter.cart.carts.read(GUEST, cart)
    assert told.state == "checkout"
    await counter.begin(cart, once=once)
    assert (await counter.cart.carts.read(GUEST, cart)).version == told.version, "once"
    assert await counter.read(made) == made
