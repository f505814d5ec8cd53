"""The demo's merchant manages the demo's products: logged in on the pages, by a token of hers, at the command line."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from pyotp import TOTP

from renga.domains.identity.accounts.seed_accounts import demo_accounts
from tests.flows.shop import Shop

PRODUCTS = "/v1/catalog/products"
PATCH = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture(scope="module")
def potter(shop: Shop) -> Any:
    """Her browser, logged in with both factors, and the token of her session's forms."""
    with httpx.Client(base_url=shop.url, timeout=30) as browser:

        def token() -> str:
            found = re.search(r'name="csrf" value="([^"]+)"', page.text)
            assert found
            return found[1]

        secret = (shop.data / "secret").read_bytes()
        marta = next(account for account in demo_accounts(secret) if account.kind == "merchant")
        page = browser.get("/login")
        first = {"csrf": token(), "email": marta.email, "password": marta.password, "next": "/account"}
        page = browser.post("/login", data=first, headers={"Origin": shop.url}, follow_redirects=True)
        assert page.url.path == "/login/second-factor"
        assert marta.totp_secret
        second = {"csrf": token(), "code": TOTP(marta.totp_secret).now(), "next": "/account/security"}
        page = browser.post("/login/second-factor", data=second, headers={"Origin": shop.url}, follow_redirects=True)
        assert page.status_code == 200, page.text
        browser.headers["X-CSRF-Token"] = token()
        yield browser


def test_who_logs_in_as_the_demo_merchant_manages_the_demo(potter: httpx.Client) -> None:
    seen, cursor = [], None
    while True:
        page = potter.get(PRODUCTS, params={"limit": 50} | ({"cursor": cursor} if cursor else {})).json()
        seen += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert "cafe-serra-lenta" in {one["slug"] for one in seen}
    assert len(seen) >= 60
    assert len({one["merchant"] for one in seen}) == 1
    coffee = potter.get(f"{PRODUCTS}/cafe-serra-lenta")
    changed = potter.patch(
        f"{PRODUCTS}/cafe-serra-lenta",
        json={"tax_category": "food"},
        headers={**PATCH, "If-Match": coffee.headers["etag"]},
    )
    assert (changed.status_code, changed.json()["tax_category"]) == (200, "food"), changed.text
    back = potter.patch(f"{PRODUCTS}/cafe-serra-lenta", json={"tax_category": None}, headers=PATCH)
    assert back.status_code == 200


def test_the_shop_is_not_hers(potter: httpx.Client) -> None:
    answer = potter.put("/v1/catalog/categories/mesa-e-ceramica", json={"title": "Mesa"})
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")


def test_another_site_cannot_write_in_her_name(potter: httpx.Client) -> None:
    row = json.dumps({"slug": "forged", "title": "x", "variants": [{"sku": "FORGED"}]}) + "\n"
    kind = {"Content-Type": "application/x-ndjson"}
    elsewhere = potter.post("/v1/catalog/bulk", content=row, headers={**kind, "Origin": "https://evil.example"})
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "cross_site_request")
    no_token = potter.post("/v1/catalog/bulk", content=row, headers={**kind, "X-CSRF-Token": "guessed"})
    assert (no_token.status_code, no_token.json()["code"]) == (403, "csrf_token_wrong")
    assert potter.get(f"{PRODUCTS}/forged").status_code == 404


def test_a_token_that_names_no_merchant_reaches_none(shop: Shop) -> None:
    token = shop.run("token", "someone", "--scope", "catalog:write").stdout.strip()
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.get(f"{shop.url}{PRODUCTS}", headers=headers)
    assert answer.json() == {"items": [], "next": None}
    assert httpx.get(f"{shop.url}{PRODUCTS}/cafe-serra-lenta", headers=headers).status_code == 404


def test_a_token_that_names_her_merchant_reaches_its_products(potter: httpx.Client, shop: Shop) -> None:
    merchant = potter.get(PRODUCTS, params={"limit": 1}).json()["items"][0]["merchant"]
    token = shop.run("token", "olaria", "--scope", "catalog:write", "--merchant", merchant).stdout.strip()
    answer = httpx.get(f"{shop.url}{PRODUCTS}/cafe-serra-lenta", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["merchant"]) == (200, merchant)


def test_an_export_is_imported_again_without_a_change(shop: Shop, folder: Path) -> None:
    for name, file in (("jsonl", "all.jsonl"), ("shopify", "shop.csv"), ("google", "feed.xml")):
        done = shop.run("export", str(folder / file), "--format", name)
        assert done.returncode == 0, done.stderr
        assert (folder / file).stat().st_size > 10_000
    done = shop.run("import", str(folder / "all.jsonl"))
    assert done.returncode == 0, done.stderr
    assert "0 products created, 0 changed" in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["all.jsonl", "feed.xml", "shop.csv"]


def test_an_export_that_cannot_be_written_is_one_line(shop: Shop, folder: Path) -> None:
    done = shop.run("export", str(folder / "none" / "all.jsonl"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be written" in done.stderr


def test_what_she_pays_for_her_goods_nobody_else_reads(potter: httpx.Client, shop: Shop, folder: Path) -> None:
    before = potter.get(f"{PRODUCTS}/cafe-serra-lenta").json()["variants"]
    variants = [one | {"cost": {"BRL": 1777123, "USD": 1777124}} for one in before]
    changed = potter.patch(f"{PRODUCTS}/cafe-serra-lenta", json={"variants": variants}, headers=PATCH)
    assert changed.status_code == 200, changed.text
    assert changed.json()["variants"][0]["cost"] == {"BRL": 1777123, "USD": 1777124}
    try:
        texts = [*_public_answers(shop), *_feeds(shop, folder)]
        for text in texts:
            assert "CAF-SERRA-250-GR" in text or "cafe-serra-lenta" in text, text[:300]
            assert "177712" not in text
            assert "17771.2" not in text
            assert "17.771,2" not in text
        hers = shop.run("export", str(folder / "all.jsonl"))
        assert hers.returncode == 0, hers.stderr
        assert "1777123" in (folder / "all.jsonl").read_text("utf-8")
    finally:
        potter.patch(f"{PRODUCTS}/cafe-serra-lenta", json={"variants": before}, headers=PATCH)


def _public_answers(shop: Shop) -> list[str]:
    """What every face tells a guest of the coffee."""
    fields = "sku gtin weightG digital availability options { code value } measure { amount unit } price { amount }"
    query = f'{{ product(slug: "cafe-serra-lenta") {{ slug taxCode variants {{ {fields} }} }} }}'
    with httpx.Client(base_url=shop.url, timeout=30) as guest:
        cart = guest.post("/v1/carts", json={"currency": "BRL"}).json()["id"]
        line = {"sku": "CAF-SERRA-250-GR", "quantity": 1}
        asked = [
            guest.get("/v1/products/cafe-serra-lenta"),
            guest.get("/v1/products", params={"limit": 100}),
            guest.get("/v1/search", params={"q": "serra lenta"}),
            guest.get("/v1/availability", params={"sku": "CAF-SERRA-250-GR"}),
            guest.post("/graphql", json={"query": query}),
            guest.post(f"/v1/carts/{cart}/lines", json=line),
            guest.get(f"/v1/carts/{cart}"),
            guest.post(f"/v1/carts/{cart}/estimate", json={"country": "BR", "postal_code": "01310-100"}),
            guest.get("/p/cafe-serra-lenta"),
            guest.get("/c/cafe-e-cha"),
        ]
    for answer in asked:
        assert answer.status_code in (200, 201), (answer.url, answer.text)
    assert "errors" not in asked[4].json(), asked[4].text
    assert '"taxCode":"09012100"' in asked[4].text.replace(" ", "")
    assert '"measure":{"amount":250' in asked[4].text.replace(" ", "")
    assert '"measure_price":{"price":{"amount":17960' in asked[7].text.replace(" ", "")
    assert "179,60 por kg" in asked[8].text
    return [answer.text for answer in asked]


def _feeds(shop: Shop, folder: Path) -> list[str]:
    """The files for other shops."""
    found = []
    for name, file in (("shopify", "shop.csv"), ("google", "feed.xml")):
        done = shop.run("export", str(folder / file), "--format", name)
        assert done.returncode == 0, done.stderr
        found.append((folder / file).read_text("utf-8"))
    return found
