"""Idempotency keys of new carts. All clients of these tests are behind one address, as neighbours behind one NAT are."""

import uuid

import httpx
import pytest

from renga.domains.cart import contract
from renga.domains.cart.contract import ANY_CART, Write
from renga.kernel.caller import ANONYMOUS, Caller
from tests.cart.support import Shop, Tokens, api_client

BODY = {"currency": "BRL"}
RANDOM = ("6f1d3c0e-52a7-4b39-8d06-0c9e6f7a1b22", "01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a10")
GUESSABLE = (
    "1",
    "cart",
    "create-the-cart-of-this-shop-2026",
    "0" * 255,
    "6f1d3c0e52a74b398d060c9e6f7a1b22",  # no hyphens: it could be anything
    str(uuid.UUID(int=0)),
    "6f1d3c0e-52a7-4b39-cd06-0c9e6f7a1b22",  # a variant without versions
    "c232ab00-9414-11ec-b3c8-9f6bdeced846",  # version 1: time and machine
    str(uuid.uuid5(uuid.NAMESPACE_DNS, "shop.example")),
    str(uuid.uuid3(uuid.NAMESPACE_DNS, "shop.example")),
)


async def created(api: httpx.AsyncClient, key: str, **headers: str) -> str:
    answer = await api.post("/v1/carts", json=BODY, headers={"idempotency-key": key, **headers})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize("key", GUESSABLE)
async def test_a_key_that_a_neighbour_could_choose_too_gives_no_guest_a_cart(api: httpx.AsyncClient, key: str) -> None:
    for sent in (key, f'"{key}"'):
        answer = await api.post("/v1/carts", json=BODY, headers={"idempotency-key": sent})
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_guessable")


async def test_two_guests_behind_one_address_have_their_own_carts_and_their_own_retries(api: httpx.AsyncClient) -> None:
    carts = [await created(api, key) for key in RANDOM]
    assert len(set(carts)) == 2
    assert [await created(api, f'"{key}"') for key in RANDOM] == carts


async def test_a_guest_who_tries_again_from_another_address_gets_the_same_cart(shop: Shop, tokens: Tokens) -> None:
    carts = []
    for address in ("192.0.2.1", "2001:db8::9"):
        async with api_client(shop, tokens, address=address) as api:
            carts.append(await created(api, RANDOM[0]))
    assert carts[0] == carts[1]


async def test_customers_and_guests_with_one_key_never_meet(api: httpx.AsyncClient, tokens: Tokens) -> None:
    for key in (RANDOM[0], "1"):
        carts = [await created(api, key, **tokens.header(who)) for who in ("ana", "bia")]
        assert len(set(carts)) == 2
        assert await created(api, key, **tokens.header("ana")) == carts[0]
    assert await created(api, RANDOM[0]) not in carts


async def test_services_with_one_key_never_meet(shop: Shop) -> None:
    async def create(caller: Caller) -> str:
        return (await shop.carts.create(caller, "BRL", write=Write(key="1"))).cart_id

    one, other = (Caller.of_system(name, ANY_CART) for name in ("one", "other"))
    assert await create(one) == await create(one) != await create(other)


async def test_a_refused_key_creates_nothing_and_the_rule_is_not_the_faces(shop: Shop) -> None:
    for key in GUESSABLE:
        with pytest.raises(contract.KeyGuessable):
            await shop.carts.create(ANONYMOUS, "BRL", write=Write(key=key))
    swept = [await shop.store.sweep(shard, 10) for shard in range(shop.store.shards)]
    assert sum(sweep.looked for sweep in swept) == 0
    assert await shop.new_cart(key="1", scope="a page's own keys") != await shop.new_cart(key="1", scope="another's")


async def test_keys_of_writes_to_a_guests_cart_are_the_carts_and_may_be_anything(shop: Shop) -> None:
    for _ in range(2):
        cart = await shop.add(await shop.new_cart(), "MUG", key="1")
        assert [line.quantity for line in cart.lines] == [1]
