"""Dry runs on carts that exist, and reports of conflicts."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from renga.domains.cart.local import LocalCarts
from renga.domains.cart.take_snapshots import take_snapshots
from renga.domains.pricing.contract import OfferFacts, TaxAnswer, TaxRequest
from renga.kernel.buyer_terms import BuyerTerms
from renga.kernel.caller import ANONYMOUS, Caller, InsufficientScope
from renga.kernel.errors import Invalid, Unauthenticated
from tests.face_clients import FaceClients
from tests.pricing.house import ADMIN, MANAGER, POTTER, House, draft
from tests.pricing.shop import percent

ANA = Caller("ana", frozenset({"cart"}))
SERVICE = Caller.of_system("tests", "promotions:manage", "carts:any")


async def seen(house: House, *carts: str) -> None:
    """As the consumer of the cart's events does it."""
    await take_snapshots(house.cart.dependencies, carts)


async def test_a_dry_run_says_who_would_get_it_and_what_it_costs(clients: FaceClients, house: House) -> None:
    await house.sell("POT", 3000, merchant="pottery")
    await house.sell("TEA", 1000, merchant="teas")
    pots, both, tea = [await house.cart_of(quantities) for quantities in ({"POT": 2}, {"POT": 1, "TEA": 3}, {"TEA": 1})]
    empty = await house.cart_of({})
    await seen(house, pots, both, tea, empty)
    before = [await house.cart.dependencies.recovery.dump([one]) for one in (pots, both, tea)]
    body = {"name": "Pots", "actions": [percent(1000)], "codes": ["POTS"]}
    answer = await clients.as_(POTTER).post("/v1/promotions/dry-run", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "carts": 3, "applied": 2, "cost": [{"amount": 900, "currency": "BRL"}],
        "turnover": [{"amount": 9000, "currency": "BRL"}],
    }  # fmt: skip
    every = (await clients.as_(ADMIN).post("/v1/promotions/dry-run", json=body)).json()
    assert (every["applied"], every["cost"][0]["amount"], every["turnover"][0]["amount"]) == (3, 1300, 13_000)
    newest = (await clients.as_(ADMIN).post("/v1/promotions/dry-run?carts=1", json=body)).json()
    assert (newest["carts"], newest["cost"][0]["amount"]) == (1, 100)
    assert [await house.cart.dependencies.recovery.dump([one]) for one in (pots, both, tea)] == before
    assert await house.event_types() == []


async def test_ids_of_carts_are_only_for_who_may_see_every_cart(house: House) -> None:
    await house.sell("TEA", 1000)
    cart = await house.cart_of({"TEA": 1})
    await seen(house, cart)
    assert (await house.pricing.dry_run(MANAGER, draft(percent(1000)))).examples == ()
    assert (await house.pricing.dry_run(SERVICE, draft(percent(1000)))).examples == (cart,)


async def test_a_dry_run_stands_beside_what_is_active(house: House) -> None:
    await house.sell("TEA", 1000)
    await seen(house, await house.cart_of({"TEA": 1}))
    await house.promote(percent(3000), group="best_deal")
    weaker = await house.pricing.dry_run(MANAGER, draft(percent(2000), group="best_deal"))
    assert (weaker.carts, weaker.applied, weaker.cost) == (1, 0, ())
    assert (await house.pricing.dry_run(MANAGER, draft(percent(4000), group="best_deal"))).applied == 1
    added = await house.pricing.dry_run(MANAGER, draft(percent(1000)))
    assert [one.amount for one in added.cost] == [70]


async def test_carts_that_have_ended_are_not_tried(house: House) -> None:
    await house.sell("TEA", 1000)
    cart = await house.cart_of({"TEA": 1})
    await seen(house, cart)
    assert (await house.pricing.dry_run(MANAGER, draft(percent(1000)))).carts == 1
    house.clock.advance(seconds=40 * 86_400)
    assert (await house.pricing.dry_run(MANAGER, draft(percent(1000)))).carts == 0


async def test_what_is_no_dry_run_is_refused(clients: FaceClients) -> None:
    admin = clients.as_(ADMIN)
    body = {"name": "x", "actions": [percent(1)]}
    for carts in (0, 1001):
        assert (await admin.post(f"/v1/promotions/dry-run?carts={carts}", json=body)).status_code == 400
    foreign = await clients.as_(POTTER).post("/v1/promotions/dry-run", json=body | {"merchant": "teas"})
    assert (foreign.status_code, foreign.json()["code"]) == (422, "promotion_invalid")


async def test_conflicts_of_what_a_caller_keeps_and_of_a_draft(clients: FaceClients) -> None:
    admin, potter = clients.as_(ADMIN), clients.as_(POTTER)

    async def made(client: object, **members: object) -> str:
        body = {"name": "Sale", "actions": [percent(1000)], **members}
        return str((await client.post("/v1/promotions", json=body)).json()["id"])  # type: ignore[attr-defined]

    first = await made(admin, group="best_deal")
    second = await made(admin, group="best_deal")
    own = await made(potter)
    found = (await admin.get("/v1/promotions/conflicts")).json()["items"]
    assert {("never_together", first, second)} <= {(one["kind"], *one["promotions"]) for one in found}
    assert (await potter.get("/v1/promotions/conflicts")).json() == {"items": []}
    body = {"name": "Draft", "actions": [percent(500)]}
    of_draft = (await potter.post("/v1/promotions/conflicts", json=body)).json()["items"]
    assert [(one["kind"], sorted(one["promotions"])) for one in of_draft] == [("stacks", sorted((own, "draft")))]


async def test_the_newest_carts_are_for_who_may_see_every_cart(house: House) -> None:
    await house.sell("TEA", 1000)
    carts = [await house.cart_of({"TEA": number}, country="BR") for number in (1, 2, 3)]
    await seen(house, *carts)
    samples = LocalCarts(house.cart.dependencies)
    newest = await samples.newest(SERVICE, 2)
    assert [(one.id, one.lines[0].quantity, one.terms.country) for one in newest] == [
        (carts[2], 3, "BR"), (carts[1], 2, "BR"),
    ]  # fmt: skip
    for caller, refusal in ((ANONYMOUS, Unauthenticated), (Caller("ana", frozenset({"cart"})), InsufficientScope)):
        with pytest.raises(refusal):
            await samples.newest(caller, 2)
    for limit in (0, 1001):
        with pytest.raises(Invalid):
            await samples.newest(SERVICE, limit)


async def test_many_carts_are_read_at_once_and_no_provider_is_asked(house: House) -> None:
    class Never:
        async def tax(self, request: TaxRequest) -> TaxAnswer:
            raise AssertionError("a dry run asks no tax provider")

    for sku in ("TEA", "POT"):
        await house.sell(sku, 1000)
    carts = [await house.cart_of({"TEA": 1, "POT": number % 3 + 1}) for number in range(40)]
    await seen(house, *carts, await house.cart_of({"POT": 1}, ANA))
    reads: list[int] = []
    offers = house.pricing.dependencies.offers

    class Counted:
        async def offers(self, skus: Sequence[str], terms: BuyerTerms, **more: Any) -> Mapping[str, OfferFacts]:
            reads.append(len(skus))
            return await offers.offers(skus, terms, **more)

    dependencies = msgspec.structs.replace(house.pricing.dependencies, taxes=Never(), offers=Counted())
    pricing = msgspec.structs.replace(house.pricing, dependencies=dependencies)
    result = await pricing.dry_run(MANAGER, draft(percent(1000)))
    assert (result.carts, result.applied, reads) == (41, 41, [2])
    assert result.cost[0].amount == sum(100 + (number % 3 + 1) * 100 for number in range(40)) + 100
