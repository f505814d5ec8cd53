"""Who may see a checkout when its cart changes hands, and that an e-mail address tells nothing about accounts."""

import msgspec
import pytest

from renga.domains.cart.contract import StoreUnavailable, Write
from renga.domains.identity.contract import Buyers
from renga.domains.orders.contract import CheckoutNotFound
from tests.orders.counter import ANA, BOB, GUEST, READY, Counter


async def test_a_guests_checkout_answers_to_its_id_until_the_cart_is_claimed(counter: Counter) -> None:
    await counter.house.sell("MUG", 5000)
    cart = await counter.cart_of({"MUG": 1})
    made = await counter.start(cart, **READY)
    assert (await counter.read(made, GUEST), await counter.read(made, BOB)) == (made, made)
    await counter.cart.carts.claim(ANA, cart, Write())
    for who in (GUEST, BOB):
        with pytest.raises(CheckoutNotFound):
            await counter.read(made, who)
        with pytest.raises(CheckoutNotFound):
            await counter.change(made, who, email="eve@example.com")
    own = await counter.read(made, ANA)
    assert (own.id, own.customer, own.email) == (made.id, "ana", "ana@example.com")
    assert own.quote != made.quote, "the quote is for ana's terms"
    assert (await counter.store.checkout(made.id)).customer == "ana"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "id_", ["", "x", "019aa5d8-1f00-7000-8a55-3c1f0c2a1177", "%00", "019aa5d81f0070008a553c1f0c2a1177"]
)
async def test_an_id_that_is_none(counter: Counter, id_: str) -> None:
    with pytest.raises(CheckoutNotFound):
        await counter.checkouts.read(GUEST, id_)


async def test_while_the_cart_store_is_away_owners_see_what_they_saw_and_guests_wait(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    await counter.house.sell("MUG", 5000)
    own = await counter.start(await counter.cart_of({"MUG": 1}, ANA), ANA, **READY)
    guests = await counter.start(await counter.cart_of({"MUG": 1}), **READY)

    async def away(caller: object, cart_id: str) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(counter.cart.carts, "read", away)
    assert await counter.read(own, ANA) == own
    with pytest.raises(CheckoutNotFound):
        await counter.read(own, BOB)
    with pytest.raises(StoreUnavailable):
        await counter.read(guests)


async def test_an_address_that_has_an_account_is_answered_like_any_other(counter: Counter) -> None:
    """Nobody is asked about the address: ``Buyers`` knows accounts, and only the owner of a cart is looked up."""
    asked: list[str] = []

    class Watching:
        async def verified_facts(self, customer: str) -> object:
            asked.append(customer)
            raise AssertionError("a guest has no facts")

    watching: Buyers = Watching()  # type: ignore[assignment]
    counter.checkouts = type(counter.checkouts)(
        msgspec.structs.replace(counter.checkouts.dependencies, buyers=watching)
    )
    await counter.house.sell("MUG", 5000)
    answers = []
    for email in ("has-an-account@example.com", "has-none@example.com"):
        made = await counter.start(await counter.cart_of({"MUG": 1}), **{**READY, "email": email})
        quote = msgspec.structs.replace(made.quote, id="") if made.quote else None
        answers.append(msgspec.structs.replace(made, id="", cart_id="", continue_url="", email="", quote=quote))
    assert answers[0] == answers[1]
    assert asked == []
