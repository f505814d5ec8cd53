"""Every GET of the OpenAPI document, and what a shopper writes, on the running shop: the answers are as the document says.

``conftest.py`` holds each answer against the document; here each operation is really reached.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import redis

from renga.apps.modules import DECLARED
from renga.platform.engines.folder import DataFolder
from tests import documented
from tests.flows.money import moved_money
from tests.flows.shop import Shop

#: Only sessions and the shop's own client may: a token of the command line is told so.
FIRST_PARTY_ONLY = ("/v1/identity/me/export",)
#: What a path cannot be asked without.
QUERIES = {
    "/v1/search/suggest": "?q=can",
    "/v1/availability": "?sku=CAN-AURORA-AZ",
    "/v1/inventory/movements": "?sku=CAN-AURORA-AZ",
}
#: What is not there on a shop's first day.
NOT_YET = "/v1/payouts/{payout_id}"
COUNT = "0190e5a8-0001-7000-8000-0000000000cc"
GETS = [path for path, item in documented.document()["paths"].items() if "get" in item]


def _token(shop: Shop, subject: str, *more: str) -> str:
    scopes = " ".join(scope for scope in DECLARED.scopes if scope != "carts:any")
    made = shop.run("token", subject, "--scope", scopes, *more)
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


class Reached:
    """A caller who may read everything, and an address for each path of the document."""

    def __init__(self, client: httpx.Client) -> None:
        self.client, self.queries = client, QUERIES
        self.names: dict[str, str] = {"language": "pt-BR", "code": "cart_not_found", "id": COUNT}
        self.names["sku"] = "CAN-AURORA-AZ"
        assert client.put(f"/v1/inventory/counts/{COUNT}", json={}).status_code == 200
        self._find("client_id", "/v1/identity/clients", "id")
        self._find("slug", "/v1/products", "slug")
        self.names["cart_id"] = client.post("/v1/carts", json={"currency": "BRL"}).json()["id"]
        self.names["checkout_id"] = _checked_out(client, self.names["cart_id"])
        self.names["order_id"] = _ordered(client)
        self.taxonomy = {
            kind: self._first(f"/v1/catalog/{kind}") for kind in ("categories", "collections", "product-types")
        }

    def _first(self, path: str) -> dict[str, Any]:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.text)
        items: list[dict[str, Any]] = answer.json()["items"]
        assert items, path
        return items[0]

    def _find(self, name: str, path: str, member: str) -> None:
        self.names[name] = self._first(path)[member]

    def address(self, path: str) -> str:
        """The path with something that is there in each of its parameters."""
        shelf = self.taxonomy.get(path.removeprefix("/v1/catalog/").partition("/")[0], {})
        names = self.names | {"name": shelf.get("slug", shelf.get("code", ""))}
        return re.sub(r"{(\w+)}", lambda found: names[found[1]], path) + self.queries.get(path, "")


def _checked_out(client: httpx.Client, cart_id: str) -> str:
    """The checkout of the cart, with a line."""
    assert client.post(f"/v1/carts/{cart_id}/lines", json={"sku": "CAN-AURORA-AZ"}).status_code == 200
    started = client.post("/v1/checkouts", json={"cart_id": cart_id})
    assert started.status_code == 201, started.text
    checkout_id: str = started.json()["id"]
    return checkout_id


def _ordered(client: httpx.Client) -> str:
    """An order that awaits a Pix."""
    cart_id = client.post("/v1/carts", json={"currency": "BRL", "country": "BR"}).json()["id"]
    assert client.post(f"/v1/carts/{cart_id}/lines", json={"sku": "CAN-AURORA-AZ"}).status_code == 200
    address = {
        "name": "Ana", "street": "Avenida Paulista", "number": "1578", "city": "São Paulo", "region": "SP",
        "postal_code": "01310-200", "country": "BR",
    }  # fmt: skip
    said = {"email": "ana@example.com", "shipping_address": address, "payment": {"method": "pix"}}
    checkout = client.post("/v1/checkouts", json={"cart_id": cart_id, **said}).json()
    placed = client.post(
        f"/v1/checkouts/{checkout['id']}/place",
        json={"quote_id": checkout["quote"]["id"]},
        headers={"Idempotency-Key": checkout["id"]},
    )
    assert placed.status_code == 202, placed.text
    documented.check_response(placed)
    order_id: str = placed.json()["id"]
    return order_id


def _promoted(client: httpx.Client) -> dict[str, str]:
    """A promotion with a batch of codes."""
    draft = {"name": "VIP", "code_batches": True, "actions": [{"type": "percent", "basis_points": 500}]}
    promotion = client.post("/v1/promotions", json=draft).json()["id"]
    batch = client.post(f"/v1/promotions/{promotion}/codes", json={"count": 3}).json()["id"]
    return {"promotion_id": promotion, "batch_id": batch}


@pytest.fixture(scope="module")
def reached(shop: Shop) -> Iterator[Reached]:
    with httpx.Client(base_url=shop.url, timeout=30) as client:
        client.headers["Authorization"] = f"Bearer {_token(shop, 'nobody')}"
        accounts = [one["account"] for one in client.get("/v1/identity/admin/accounts").json()["items"]]
        seller = next(one["id"] for one in accounts if one["stakeholders"] == ["merchant"])
        merchant = client.get("/v1/catalog/products?limit=1").json()["items"][0]["merchant"]
        client.headers["Authorization"] = f"Bearer {_token(shop, seller, '--merchant', merchant)}"
        reached = Reached(client)
        reached.names |= {"merchant_id": merchant, "account_id": seller, "group": "friends"}
        partner = next(one["id"] for one in accounts if one["stakeholders"] == ["processor"])
        reached.names |= moved_money(client, shop, merchant, partner)
        reached.queries = QUERIES | {
            "/v1/payment-methods": "?amount=10000&currency=BRL&country=BR",
            "/v1/payments": "?reference=order:card",
            "/v1/ledger/statement": "?merchant={merchant_id}&from={day}&to={day}".format_map(reached.names),
        }
        reached.names |= _promoted(client) | {"channel": "web"}
        groups = f"/v1/identity/merchants/{merchant}/customer-groups/friends"
        assert client.put(groups, json={"name": {"en": "Friends"}}).status_code in (200, 201)
        yield reached


@pytest.mark.parametrize("path", GETS)
def test_what_is_read_is_as_documented(reached: Reached, path: str) -> None:
    answer = reached.client.get(reached.address(path), headers={"Accept": "application/json"})
    assert answer.status_code == (403 if path in FIRST_PARTY_ONLY else 404 if path.startswith(NOT_YET) else 200), (
        answer.text
    )
    operation = documented.document()["paths"][path]["get"]
    documented.check_response(answer)
    assert documented.operation_of("GET", answer.url.path) is not None
    if answer.status_code == 200 and "304" in operation["responses"]:
        again = reached.client.get(reached.address(path), headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        documented.check_response(again)


def _forget_attempts(shop: Shop) -> None:
    """So many wrong credentials come from one address that it would have to wait."""
    holder = DataFolder(shop.data).holder()
    assert holder is not None
    with redis.Redis.from_url(holder.urls["valkey"]) as valkey:
        for key in valkey.scan_iter("rate:*:credentials"):
            valkey.delete(key)


@pytest.mark.parametrize("path", [path for path in GETS if path.startswith("/v1/")])
def test_who_may_not_read_is_told_as_documented(reached: Reached, shop: Shop, path: str) -> None:
    _forget_attempts(shop)
    refused = httpx.get(f"{shop.url}{reached.address(path)}", headers={"Authorization": "Bearer nonsense"})
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_token"), refused.text
    documented.check_response(refused)
    if documented.document()["paths"][path]["get"].get("security"):
        guest = httpx.get(f"{shop.url}{reached.address(path)}")
        documented.check_response(guest)
        assert guest.status_code in (200, 401, 404), guest.text  # of a customer's cart a guest hears nothing


def test_what_a_shopper_writes_is_answered_as_documented(reached: Reached, shop: Shop) -> None:
    sku = httpx.get(f"{shop.url}/v1/products?limit=1").json()["items"][0]["variants"][0]["sku"]
    with httpx.Client(base_url=shop.url, timeout=30) as guest:
        cart = f"/v1/carts/{guest.post('/v1/carts', json={'currency': 'BRL'}).json()['id']}"
        line = guest.post(f"{cart}/lines", json={"sku": sku}).json()["lines"][0]["line"]
        answers = [
            guest.patch(f"{cart}/lines/{line}", json={"quantity": 2}),
            guest.patch(f"{cart}/lines/{line}", json={"quantity": 3}, headers={"Prefer": "return=minimal"}),
            guest.patch(f"{cart}/lines/{line}", json={"quantity": 4}, headers={"If-Match": '"0"'}),
            guest.patch(f"{cart}/lines/{line}", json={"quantity": 0}),
            guest.post(f"{cart}/lines", json={"sku": "no-such-sku"}),
            guest.post(f"{cart}/lines", content=b"{", headers={"Content-Type": "application/json"}),
            guest.post(f"{cart}/lines", content=b"x", headers={"Content-Type": "text/plain"}),
            guest.post(f"{cart}/claim"),
            guest.post(f"{cart}/saved", json={"line": line}),
            guest.post(f"{cart}/saved/{line}/restore"),
            guest.put(f"{cart}/note", json={"note": "Para presente."}),
            guest.post(f"{cart}/coupons", json={"code": "PRIMAVERA"}),
            guest.delete(f"{cart}/coupons/PRIMAVERA"),
            guest.delete(f"{cart}/lines"),
            guest.get("/v1/search", params={"q": "caneca", "brand": "Olaria do Alpendre", "price.from": "100"}),
            guest.get("/v1/search", params={"sort": "nonsense"}),
            guest.get("/v1/products", params={"limit": "0"}),
            guest.get("/v1/products/no-such-product"),
        ]
    for answer in answers:
        documented.check_response(answer)
    assert [answer.status_code for answer in answers] == [
        *(200, 200, 412, 422, 404, 400, 415, 401, 200, 200, 200, 200, 200, 200),
        *(200, 400, 400, 404),
    ]
