"""The cart over REST: every endpoint, its response, and the headers that change it."""

from typing import Any

import httpx
import pytest

from renga.domains.cart.model import line_id
from renga.kernel.clock import rfc3339
from tests.cart.support import FAR_MS, Shop, Tokens, offer

KEY = "0b5e7c52-3f0f-4d5f-9a53-6e7d1f2a4c80"
MUG, BOWL = line_id("MUG", {}), line_id("BOWL", {})


async def new_cart(api: httpx.AsyncClient, **headers: str) -> str:
    answer = await api.post("/v1/carts", json={"currency": "BRL"}, headers=headers)
    assert answer.status_code == 201
    return str(answer.json()["id"])


async def filled(api: httpx.AsyncClient) -> str:
    """Two mugs and a bowl: version 3."""
    cart_id = await new_cart(api)
    for sku, quantity in (("MUG", 2), ("BOWL", 1)):
        answer = await api.post(f"/v1/carts/{cart_id}/lines", json={"sku": sku, "quantity": quantity})
        assert answer.status_code == 200
    return cart_id


def quantities(answer: httpx.Response, member: str = "lines") -> dict[str, int]:
    return {line["sku"]: line["quantity"] for line in answer.json()[member]}


async def test_a_cart_is_created_empty(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/carts", json={"currency": "BRL", "expires_in": 20})
    cart = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/carts/{cart['id']}"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["content-type"] == "application/json"
    assert cart == {
        "id": cart["id"], "version": 1, "currency": "BRL", "state": "open", "customer": None, "note": "",
        "created_at": rfc3339(FAR_MS), "updated_at": rfc3339(FAR_MS), "expires_at": rfc3339(FAR_MS + 20_000),
        "coupons": [], "lines": [], "saved": [], "moves": [], "etag": "1",
            "terms": {"channel": "web", "country": "", "region": "", "groups": []},
        "totals": {"subtotal": {"amount": 0, "currency": "BRL"}, "total": {"amount": 0, "currency": "BRL"}},
        "counts": {"lines": 0, "items": 0},
    }  # fmt: skip
    read = await api.get(answer.headers["location"])
    assert (read.status_code, read.json(), read.headers["etag"]) == (200, cart, '"1"')
    assert read.headers["cache-control"] == "private, no-store"


async def test_a_line_is_added_and_adds_sum_up(api: httpx.AsyncClient) -> None:
    cart_id = await new_cart(api)
    await api.post(f"/v1/carts/{cart_id}/lines", json={"sku": "MUG"}, headers={"accept-language": "en"})
    answer = await api.post(f"/v1/carts/{cart_id}/lines", json={"sku": "MUG", "quantity": 2})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"3"')
    assert answer.json()["lines"] == [
        {
            "line": MUG, "sku": "MUG", "title": "Mug", "quantity": 3, "options": {}, "price_moved": False,
            "unit_price": {"amount": 1999, "currency": "BRL"}, "line_total": {"amount": 5997, "currency": "BRL"},
            "current_price": {"amount": 1999, "currency": "BRL"},
        }
    ]  # fmt: skip
    assert answer.json()["totals"]["total"] == {"amount": 5997, "currency": "BRL"}
    assert answer.json()["counts"] == {"lines": 1, "items": 3}


async def test_a_moved_price_is_said_beside_the_line(api: httpx.AsyncClient, shop: Shop) -> None:
    cart_id = await filled(api)
    shop.catalog.put(offer("MUG", BRL=2_500))
    shop.offers.drop(["MUG"])
    line = (await api.get(f"/v1/carts/{cart_id}")).json()["lines"][0]
    assert (line["price_moved"], line["unit_price"]["amount"], line["current_price"]["amount"]) == (True, 1999, 2500)


async def test_a_quantity_is_set_and_lines_are_removed(api: httpx.AsyncClient) -> None:
    cart_id = await filled(api)
    answer = await api.patch(f"/v1/carts/{cart_id}/lines/{MUG}", json={"quantity": 7})
    assert (answer.status_code, quantities(answer)) == (200, {"MUG": 7, "BOWL": 1})
    answer = await api.delete(f"/v1/carts/{cart_id}/lines/{MUG}")
    assert (answer.status_code, quantities(answer), answer.json()["version"]) == (200, {"BOWL": 1}, 5)
    answer = await api.delete(f"/v1/carts/{cart_id}/lines")
    assert (answer.status_code, quantities(answer), answer.json()["version"]) == (200, {}, 6)


async def test_all_lines_are_replaced_at_once(api: httpx.AsyncClient) -> None:
    cart_id = await filled(api)
    lines = [{"sku": "BOWL", "quantity": 4}, {"sku": "MUG", "options": {"engraving": "Ana"}}]
    answer = await api.put(f"/v1/carts/{cart_id}/lines", json={"lines": lines})
    assert answer.status_code == 200
    assert [(x["sku"], x["quantity"], x["options"]) for x in answer.json()["lines"]] == [
        ("BOWL", 4, {}),
        ("MUG", 1, {"engraving": "Ana"}),
    ]
    refused = await api.put(f"/v1/carts/{cart_id}/lines", json={"lines": [{"sku": "MUG"}, {"sku": "NOPE"}]})
    assert (refused.status_code, refused.json()["code"]) == (404, "variant_not_found")
    assert (await api.get(f"/v1/carts/{cart_id}")).json() == answer.json()


async def test_a_line_is_saved_for_later_brought_back_and_forgotten(api: httpx.AsyncClient) -> None:
    cart_id = await filled(api)
    answer = await api.post(f"/v1/carts/{cart_id}/saved", json={"line": MUG})
    assert (answer.status_code, quantities(answer), quantities(answer, "saved")) == (200, {"BOWL": 1}, {"MUG": 2})
    answer = await api.post(f"/v1/carts/{cart_id}/saved/{MUG}/restore")
    assert (answer.status_code, quantities(answer), quantities(answer, "saved")) == (200, {"MUG": 2, "BOWL": 1}, {})
    await api.post(f"/v1/carts/{cart_id}/saved", json={"line": BOWL})
    answer = await api.delete(f"/v1/carts/{cart_id}/saved/{BOWL}")
    assert (answer.status_code, quantities(answer), quantities(answer, "saved")) == (200, {"MUG": 2}, {})


async def test_coupons_and_a_note_are_kept(api: httpx.AsyncClient) -> None:
    cart_id = await new_cart(api)
    answer = await api.post(f"/v1/carts/{cart_id}/coupons", json={"code": " primavera "})
    assert (answer.status_code, answer.json()["coupons"]) == (200, ["PRIMAVERA"])
    answer = await api.put(f"/v1/carts/{cart_id}/note", json={"note": "Para presente 🎁"})
    assert (answer.status_code, answer.json()["note"]) == (200, "Para presente 🎁")
    answer = await api.delete(f"/v1/carts/{cart_id}/coupons/primavera")
    assert (answer.status_code, answer.json()["coupons"], answer.json()["version"]) == (200, [], 4)


async def test_a_guest_cart_is_claimed_and_others_are_told_that_it_does_not_exist(
    api: httpx.AsyncClient, tokens: Tokens
) -> None:
    cart_id = await filled(api)
    nobody = await api.post(f"/v1/carts/{cart_id}/claim")
    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
    answer = await api.post(f"/v1/carts/{cart_id}/claim", headers=tokens.header("ana"))
    assert (answer.status_code, answer.json()["customer"], answer.json()["version"]) == (200, "ana", 4)
    for headers in ({}, tokens.header("bia")):
        refused = await api.get(f"/v1/carts/{cart_id}", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (404, "cart_not_found")
        refused = await api.delete(f"/v1/carts/{cart_id}/lines", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (404, "cart_not_found")
    for headers in (tokens.header("ana"), tokens.header("back-office", "carts:any")):
        assert quantities(await api.get(f"/v1/carts/{cart_id}", headers=headers)) == {"MUG": 2, "BOWL": 1}


async def test_a_guest_cart_is_merged_into_the_customers(api: httpx.AsyncClient, tokens: Tokens) -> None:
    source, target = await filled(api), await new_cart(api, **tokens.header("ana"))
    answer = await api.post(f"/v1/carts/{target}/merge", json={"from": source}, headers=tokens.header("ana"))
    assert (answer.status_code, quantities(answer)) == (200, {"MUG": 2, "BOWL": 1})
    gone = await api.get(f"/v1/carts/{source}")
    assert (gone.status_code, gone.json()["code"]) == (410, "cart_merged")


MINIMAL = ["return=minimal", "Return=Minimal", "respond-async, return=minimal", "return = minimal"]


@pytest.mark.parametrize("prefer", MINIMAL)
async def test_a_client_that_prefers_little_gets_the_version_alone(api: httpx.AsyncClient, prefer: str) -> None:
    cart_id = await new_cart(api)
    answer = await api.post(f"/v1/carts/{cart_id}/lines", json={"sku": "MUG"}, headers={"prefer": prefer})
    assert (answer.status_code, answer.content) == (200, b'{"version":2}')
    assert (answer.headers["preference-applied"], answer.headers["etag"]) == ("return=minimal", '"2"')


async def test_any_other_preference_gets_the_whole_cart(api: httpx.AsyncClient) -> None:
    cart_id = await new_cart(api)
    answer = await api.post(
        f"/v1/carts/{cart_id}/lines", json={"sku": "MUG"}, headers={"prefer": "return=representation"}
    )
    assert quantities(answer) == {"MUG": 1}
    assert "preference-applied" not in answer.headers


@pytest.mark.parametrize("tag", ['"3"', '"1", "3"', '"9","3","10"', "*", " * ", '"x" , "3"'])
async def test_a_write_goes_through_when_an_etag_of_if_match_holds(api: httpx.AsyncClient, tag: str) -> None:
    cart_id = await filled(api)
    answer = await api.delete(f"/v1/carts/{cart_id}/lines/{MUG}", headers={"if-match": tag})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"4"')


@pytest.mark.parametrize("tag", ['"2"', '"33"', 'W/"3"', '"1", W/"3"', '""', ",", "", '"3-1"', '"*"'])
async def test_a_write_is_refused_when_no_strong_etag_of_if_match_holds(api: httpx.AsyncClient, tag: str) -> None:
    cart_id = await filled(api)
    before = (await api.get(f"/v1/carts/{cart_id}")).json()
    answer = await api.delete(f"/v1/carts/{cart_id}/lines/{MUG}", headers={"if-match": tag})
    assert (answer.status_code, answer.json()["code"], answer.json()["etag"]) == (412, "version_conflict", "3")
    assert (await api.get(f"/v1/carts/{cart_id}")).json() == before


@pytest.mark.parametrize("tag", ['"3"', 'W/"3"', '"1", "3"', "*"])
async def test_a_reader_that_has_this_version_gets_no_body(api: httpx.AsyncClient, tag: str) -> None:
    cart_id = await filled(api)
    answer = await api.get(f"/v1/carts/{cart_id}", headers={"if-none-match": tag})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"3"')
    assert "content-type" not in answer.headers
    stale = await api.get(f"/v1/carts/{cart_id}", headers={"if-none-match": '"2"'})
    assert (stale.status_code, stale.json()["version"]) == (200, 3)


async def test_a_retry_with_the_same_key_answers_the_first_version_and_says_so(api: httpx.AsyncClient) -> None:
    cart_id = await new_cart(api)
    path, body = f"/v1/carts/{cart_id}/lines", {"sku": "MUG"}
    first = await api.post(path, json=body, headers={"idempotency-key": "k-1", "prefer": "return=minimal"})
    assert "idempotency-replayed" not in first.headers
    await api.post(path, json=body)
    for key in ("k-1", '"k-1"', ' "k-1" '):
        again = await api.post(path, json=body, headers={"idempotency-key": key, "prefer": "return=minimal"})
        assert (again.status_code, again.content, again.headers["idempotency-replayed"]) == (
            200,
            b'{"version":2}',
            "true",
        )
    assert quantities(await api.get(f"/v1/carts/{cart_id}")) == {"MUG": 2}
    other = await api.post(path, json={"sku": "BOWL"}, headers={"idempotency-key": "k-1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")


async def test_no_cart_is_made_in_a_currency_that_there_is_not(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/carts", json={"currency": "XXX"})
    assert (answer.status_code, answer.json()["code"]) == (422, "currency_unknown")


async def test_creating_again_with_the_same_key_gives_the_same_cart(api: httpx.AsyncClient) -> None:
    made: list[Any] = [
        await api.post("/v1/carts", json={"currency": "BRL"}, headers={"idempotency-key": KEY}) for _ in range(2)
    ]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].headers["location"] == made[1].headers["location"]
    assert made[1].headers["idempotency-replayed"] == "true"
