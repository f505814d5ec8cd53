"""The README's five steps and what stands around them, on the shop as users run it."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from tests.flows.shop import Shop, Tail
from tests.support import eventually

PRODUCT = {"slug": "flow-lamp", "title": {"pt-BR": "Luminária", "en": "Lamp"}}


def names_of(tail_events: list[dict[str, Any]], cart_id: str) -> list[str]:
    return [event["type"].removeprefix("cart.") for event in tail_events if event["subject"] == cart_id]


def import_lamp(shop: Shop, folder: Path, amount: int) -> str:
    row = PRODUCT | {"variants": [{"sku": "FLOW-LAMP", "prices": {"BRL": amount}}]}
    file = folder / "lamp.jsonl"
    file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    done = shop.run("import", str(file))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_cart_lives_changes_and_expires_before_the_eyes_of_who_watches(shop: Shop) -> None:
    with httpx.Client(base_url=shop.url) as client, Tail(shop, "cart.*") as tail:
        listening = str(client.post("/v1/carts", json={"currency": "BRL"}).json()["id"])
        path = f"/v1/carts/{listening}/note"
        for n in range(200):  # the tail hears only what comes after it listens
            client.put(path, json={"note": str(n)})
            if tail.heard():
                break
        sku = client.get("/v1/products?limit=1").json()["items"][0]["variants"][0]["sku"]
        made = client.post("/v1/carts", json={"currency": "BRL", "expires_in": 3})
        cart_id = made.json()["id"]
        path = f"/v1/carts/{cart_id}"
        with ThreadPoolExecutor(2) as pool:
            adding = [pool.submit(httpx.post, f"{shop.url}{path}/lines", json={"sku": sku}) for _ in range(2)]
            added = [future.result() for future in adding]
        assert [answer.status_code for answer in added] == [200, 200]
        assert sorted(answer.json()["version"] for answer in added) == [2, 3]
        cart = client.get(path).json()
        assert [(line["sku"], line["quantity"]) for line in cart["lines"]] == [(sku, 2)]
        assert cart["totals"]["total"]["amount"] == 2 * cart["lines"][0]["unit_price"]["amount"]
        seen = tail.until(lambda events: "CartExpired" in names_of(events, cart_id))
        added_once = ["ItemAddedToCart", "CartUpdated"]
        assert names_of(seen, cart_id) == ["CartCreated", *added_once, *added_once, "CartExpired"]
        assert [e["sequence"] for e in seen if e["subject"] == cart_id] == ["1", "2", "2", "3", "3", "4"]
        for answer in (client.get(path), client.post(f"{path}/lines", json={"sku": sku})):
            assert (answer.status_code, answer.json()["code"]) == (410, "cart_expired")
        client.put(f"/v1/carts/{listening}/note", json={"note": "the last"})
        last = client.get(f"/v1/carts/{listening}").json()["version"]
        seen = tail.until(lambda events: any(e["subject"] == listening and e["sequence"] == str(last) for e in events))
        assert names_of(seen, cart_id).count("CartExpired") == 1
    assert tail.status == 0


async def test_a_price_that_changes_while_the_shop_runs_is_told_and_shown_beside_the_line(
    shop: Shop, folder: Path
) -> None:
    assert import_lamp(shop, folder, 9_900).startswith("1 rows: 1 products created, 0 changed")
    async with httpx.AsyncClient(base_url=shop.url) as client:
        cart_id = (await client.post("/v1/carts", json={"currency": "BRL"})).json()["id"]
        added = await client.post(f"/v1/carts/{cart_id}/lines", json={"sku": "FLOW-LAMP"})
        assert added.json()["lines"][0]["price_moved"] is False
        with Tail(shop, "catalog.PriceChanged", "cart.*") as tail:
            for n in range(200):
                await client.put(f"/v1/carts/{cart_id}/note", json={"note": str(n)})
                if tail.heard():
                    break
            assert import_lamp(shop, folder, 12_900).startswith("1 rows: 0 products created, 1 changed")
            seen = tail.until(lambda events: any(e["type"] == "catalog.PriceChanged" for e in events))
        changed = [event["data"] for event in seen if event["type"] == "catalog.PriceChanged"]
        assert [(x["sku"], x["currency"], x["was"], x["amount"]) for x in changed] == [
            ("FLOW-LAMP", "BRL", 9_900, 12_900)
        ]

        async def has_moved() -> bool:
            return bool((await client.get(f"/v1/carts/{cart_id}")).json()["lines"][0]["price_moved"])

        await eventually(has_moved)
        line = (await client.get(f"/v1/carts/{cart_id}")).json()["lines"][0]
        assert (line["unit_price"]["amount"], line["current_price"]["amount"]) == (9_900, 12_900)


def test_the_same_import_again_changes_nothing(shop: Shop, folder: Path) -> None:
    import_lamp(shop, folder, 5_000)
    assert import_lamp(shop, folder, 5_000).startswith("1 rows: 0 products created, 0 changed, 1 unchanged")


def test_an_import_that_cannot_be_is_exit_2_and_writes_nothing(shop: Shop, folder: Path) -> None:
    bad = folder / "bad.jsonl"
    bad.write_text(
        '{"slug":"good-one","title":{"en":"Good"},"variants":[{"sku":"GOOD-1","prices":{"BRL":1}}]}\n{"x":\n'
    )
    mapping = folder / "mapping.toml"
    mapping.write_text("this is no toml")
    for words, said in (
        (["import", str(folder / "nope.jsonl")], "nope.jsonl"),
        (["import", str(bad)], ""),
        (["import", str(bad), "--mapping", str(mapping)], "mapping.toml"),
        (["import", str(bad), "--mapping", str(folder / "nope.toml")], "nope.toml"),
    ):
        done = shop.run(*words)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert done.stderr.splitlines()[-1].startswith("renga: ")
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert httpx.get(f"{shop.url}/v1/products/good-one").status_code == 404


def test_the_shop_says_that_it_is_well(shop: Shop) -> None:
    with httpx.Client(base_url=shop.url) as client:
        assert client.get("/healthz").json()["status"] == "ok"
        ready = client.get("/readyz").json()
        assert (ready["status"], set(ready["engines"].values())) == ("ok", {"ok"})
        metrics = client.get("/metrics").text
        assert 'renga_http_answers_total{method="GET",route="/healthz",status="200"}' in metrics
    done = shop.run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert "FAIL" not in done.stdout


def test_the_interfaces_are_described_by_files_of_our_own(shop: Shop) -> None:
    with httpx.Client(base_url=shop.url) as client:
        assert client.get("/openapi.json").json()["openapi"].startswith("3.1")
        page = client.get("/docs")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "http://" not in page.text
        assert "https://" not in page.text
        for name, kind in (
            ("swagger-ui-bundle.js", "text/javascript"),
            ("swagger-ui.css", "text/css"),
            ("start.js", "text/javascript"),
        ):
            file = client.get(f"/docs/{name}")
            assert (file.status_code, file.headers["content-type"].split(";")[0]) == (200, kind)
            assert len(file.content) > 50
        assert client.get("/docs/..%2fdocs.py").status_code == 404


def test_a_second_shop_on_the_same_folder_is_refused_in_one_line(shop: Shop) -> None:
    done = shop.run("up", "--port", str(shop.port + 1))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("renga: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert httpx.get(f"{shop.url}/readyz").status_code == 200


def test_a_command_with_a_token_of_the_folder_is_known_by_the_shop(shop: Shop) -> None:
    token = shop.run("token", "ana").stdout.strip()
    answer = httpx.post(f"{shop.url}/v1/carts", json={"currency": "BRL"}, headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["customer"]) == (201, "ana")
