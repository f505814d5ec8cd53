"""The inventory over HTTP: quantities as numbers, problems with codes, and who reaches what."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from renga.domains.inventory.face import face_of
from renga.domains.inventory.local import LocalStock
from renga.platform.auth.principal import Principal
from tests.face_clients import FaceClients, clients_of
from tests.inventory.shelves import KEEPER, Shelves, Skus

COUNT = "0190e5a8-0001-7000-8000-0000000000aa"
ADMIN = Principal(subject="admin", scopes=frozenset({"inventory:manage"}), kind="session")
POTTER = Principal(
    subject="potter", scopes=frozenset({"inventory:write"}), kind="session", merchants=frozenset({"pottery"})
)
BUYER = Principal(subject="buyer", scopes=frozenset({"cart"}), kind="session")


@pytest.fixture
async def clients(stock: LocalStock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FaceClients]:
    async with clients_of(face_of(stock), monkeypatch) as opened:
        yield opened


async def test_availability_is_for_everybody_and_capped(clients: FaceClients, shelves: Shelves, skus: Skus) -> None:
    skus.merchants |= {"POT": "pottery", "TEA": "teas"}
    await shelves.put("POT", 250)
    await shelves.put("TEA", 0.25)
    asked = "/v1/availability?sku=TEA&sku=POT&sku=TEA&sku=UNCOUNTED"
    answer = await clients.as_(None).get(asked)
    assert answer.status_code == 200
    assert answer.json() == {
        "items": [
            {"sku": "TEA", "available": 0.25, "backorder": False, "from_at": None},
            {"sku": "POT", "available": 99, "backorder": False, "from_at": None},
        ]
    }
    for caller, known in ((BUYER, 99), (POTTER, 250), (ADMIN, 250)):
        answer = await clients.as_(caller).get("/v1/availability?sku=POT")
        assert answer.json()["items"][0]["available"] == known


@pytest.mark.parametrize("query", ["sku=" + "&sku=".join(f"S{n}" for n in range(201)), "sku=", "sku=a%00b"])
async def test_too_many_or_odd_skus_are_refused(clients: FaceClients, query: str) -> None:
    answer = await clients.as_(None).get(f"/v1/availability?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "skus_invalid")


async def test_200_skus_are_answered(clients: FaceClients, shelves: Shelves) -> None:
    await shelves.put("S199", 1)
    query = "&".join(f"sku=S{n}" for n in range(200))
    answer = await clients.as_(None).get(f"/v1/availability?{query}")
    assert [one["sku"] for one in answer.json()["items"]] == ["S199"]


async def test_a_level_is_set_and_read(clients: FaceClients, shelves: Shelves) -> None:
    admin = clients.as_(ADMIN)
    answer = await admin.put("/v1/inventory/levels/MUG", json={"on_hand": 50})
    assert answer.status_code == 200
    assert answer.json() == {
        "sku": "MUG",
        "locations": [
            {
                **{"location": "default", "on_hand": 50, "reserved": 0, "available": 50, "safety": 0},
                **{"active": True, "lots": []},
            }
        ],
        "backorder": {"kind": "none", "limit": None, "from_at": None},
        "backordered": 0,
        "low": None,
    }
    await shelves.reserve(("MUG", 1250))
    read = (await admin.get("/v1/inventory/levels/MUG")).json()["locations"][0]
    assert (read["on_hand"], read["reserved"], read["available"]) == (50, 1.25, 48.75)
    terms = {"safety": 0.5, "low": 3, "backorder": {"kind": "backorder", "limit": 2, "from_at": "2030-01-01T00:00:00Z"}}
    changed = (await admin.put("/v1/inventory/levels/MUG", json=terms)).json()
    assert changed["backorder"] == {"kind": "backorder", "limit": 2, "from_at": "2030-01-01T00:00:00.000Z"}
    assert (changed["low"], changed["locations"][0]["safety"], changed["locations"][0]["on_hand"]) == (3, 0.5, 50)
    assert (await admin.put("/v1/inventory/levels/MUG", json={"low": None})).json()["low"] is None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"on_hand": 0.0001}, 422, "stock_quantity_invalid"),
        ({"on_hand": -1}, 422, "stock_quantity_invalid"),
        ({"on_hand": 1e300}, 422, "stock_quantity_invalid"),
        ({"on_hand": "1"}, 400, "invalid_request"),
        ({"on_hand": 1, "room": 1}, 400, "invalid_request"),
        ({"on_hand": 1, "location": "moon"}, 404, "location_not_found"),
        ({"on_hand": 1, "reason": "stolen"}, 400, "invalid_request"),
        ({"backorder": {"kind": "backorder", "from_at": "soon"}}, 422, "level_invalid"),
    ],
)
async def test_what_is_no_level_is_refused(
    clients: FaceClients, shelves: Shelves, body: dict[str, Any], status: int, code: str
) -> None:
    answer = await clients.as_(ADMIN).put("/v1/inventory/levels/MUG", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await shelves.numbers("MUG") == {}


async def test_who_reaches_which_levels(clients: FaceClients, shelves: Shelves, skus: Skus) -> None:
    skus.merchants |= {"POT": "pottery", "TEA": "teas"}
    await shelves.put("TEA", 5)
    potter = clients.as_(POTTER)
    assert (await potter.put("/v1/inventory/levels/POT", json={"on_hand": 3})).status_code == 200
    for answer in (
        await potter.put("/v1/inventory/levels/TEA", json={"on_hand": 3}),
        await potter.get("/v1/inventory/levels/TEA"),
        await potter.get("/v1/inventory/movements?sku=TEA"),
        await potter.post("/v1/inventory/movements", json={"sku": "TEA", "quantity": 1, "reason": "found"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "sku_not_found")
    listed = (await potter.get("/v1/inventory/levels")).json()
    assert ([one["sku"] for one in listed["items"]], listed["next"]) == (["POT"], None)
    answer = await potter.put("/v1/inventory/locations/attic", json={"name": "Attic"})
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    for method, path in (("GET", "/v1/inventory/levels"), ("PUT", "/v1/inventory/levels/POT")):
        assert (await clients.as_(BUYER).request(method, path)).status_code == 403
        assert (await clients.as_(None).request(method, path)).status_code == 401
    assert await shelves.numbers("TEA") == {"default": (5000, 0)}


async def test_a_delivery_is_recorded_once(clients: FaceClients, shelves: Shelves) -> None:
    admin, key = clients.as_(ADMIN), {"Idempotency-Key": "delivery-1"}
    body = {"sku": "TEA", "quantity": 24, "reason": "received", "lot": "L7", "expires_on": "2030-06-30"}
    first = await admin.post("/v1/inventory/movements", json=body, headers=key)
    again = await admin.post("/v1/inventory/movements", json=body, headers=key)
    assert first.json() == again.json()
    assert (first.headers.get("idempotency-replayed"), again.headers["idempotency-replayed"]) == (None, "true")
    assert first.json()["locations"][0]["lots"] == [{"lot": "L7", "on_hand": 24, "expires_on": "2030-06-30"}]
    other = await admin.post("/v1/inventory/movements", json=body | {"quantity": 2}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    gone = await admin.post("/v1/inventory/movements", json={"sku": "TEA", "quantity": -25, "reason": "lost"})
    assert (gone.status_code, gone.json()["code"]) == (422, "not_enough_stock")
    assert gone.json()["left"] == [{"sku": "TEA", "wanted": 25.0, "available": 24.0}]
    assert await shelves.numbers("TEA") == {"default": (24_000, 0)}
    journal = (await admin.get("/v1/inventory/movements?sku=TEA")).json()
    assert [(one["on_hand"], one["reason"], one["actor"]) for one in journal["items"]] == [(24, "received", "admin")]


async def test_a_count_and_a_location(clients: FaceClients, shelves: Shelves) -> None:
    admin = clients.as_(ADMIN)
    place = await admin.put("/v1/inventory/locations/recife", json={"name": "Recife", "country": "BR"})
    assert (place.status_code, place.json()["code"]) == (200, "recife")
    assert [one["code"] for one in (await admin.get("/v1/inventory/locations")).json()["items"]] == [
        "default",
        "recife",
    ]
    answer = await admin.put("/v1/inventory/locations/Recife", json={"name": "Recife"})
    assert (answer.status_code, answer.json()["code"]) == (422, "location_invalid")
    path = f"/v1/inventory/counts/{COUNT}"
    assert (await admin.get(path)).json()["code"] == "count_not_found"
    assert (await admin.put(path, json={"location": "recife"})).json()["state"] == "open"
    assert (await admin.put(f"{path}/lines/MUG", json={"counted": 4.5})).json()["lines"][0]["counted"] == 4.5
    done = await admin.put(path, json={"location": "recife", "state": "applied"})
    assert (done.json()["state"], done.json()["lines"][0]["found"]) == ("applied", 0)
    late = await admin.put(f"{path}/lines/MUG", json={"counted": 9})
    assert (late.status_code, late.json()["code"]) == (409, "count_closed")
    assert await shelves.numbers("MUG") == {"recife": (4500, 0)}


async def test_a_file_of_levels(clients: FaceClients, shelves: Shelves) -> None:
    admin, path = clients.as_(ADMIN), "/v1/inventory/levels-file"
    answer = await admin.put(path, content=b"sku,on_hand\nMUG,40\n", headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()) == (200, {"rows": 1, "changed": 1, "unchanged": 0})
    bad = await admin.put(
        path, content=b'{"sku": "CUP", "on_hand": 1}\n{"sku": 1}\n', headers={"Content-Type": "application/x-ndjson"}
    )
    assert (bad.status_code, bad.json()["code"], bad.json()["problems"][0]["line"]) == (422, "stock_import_invalid", 2)
    assert (await admin.put(path, json={})).status_code == 415
    refused = await clients.as_(BUYER).put(path, content=b"sku,on_hand\nMUG,1\n", headers={"Content-Type": "text/csv"})
    assert refused.status_code == 403
    assert await shelves.available("MUG") == 40_000
    assert await shelves.numbers("CUP") == {}
    assert (await shelves.stock.journal(KEEPER, "MUG")).items[0].actor == "admin"
