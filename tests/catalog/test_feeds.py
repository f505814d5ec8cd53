"""Files that others read: Google's feed is well-formed XML, JSON Lines come back as they went."""

import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import asyncpg
import httpx
import pytest

from renga.domains.catalog.feeds.export_products import make_feed
from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.rows.native import row_of
from tests.catalog.callers import MANAGER
from tests.catalog.selling import BAKER, POTTER, SHOP_URL, Shop
from tests.catalog.shop import row

G = "{http://base.google.com/ns/1.0}"


async def exported(catalog: CatalogService, name: Any, currency: str = "BRL", language: str = "pt-BR") -> str:
    feed = await catalog.feed(name, shop_url=SHOP_URL, language=language, currency=currency)
    return "".join([piece async for piece in catalog.export(MANAGER, feed)])


async def everything(catalog: CatalogService) -> list[dict[str, Any]]:
    products, _ = await catalog.scan()
    return [row_of(product) for product in products]


def rich() -> dict[str, Any]:
    """A row with all that a product may have."""
    return row(
        "rich",
        description={"pt-BR": "Linha <um> & \"dois\"\n\nOutra", "en": "One"},
        brand="Riso & Filhos",
        categories=["mesa"],
        attributes={"volume": 350, "share": 0.25, "fair": True, "care": "à mão"},
        status="active",
        merchant="0195f000-0000-7000-8000-000000000001",
        image="/media/a.svg",
        media=[{"url": "/media/a.svg", "alt": {"en": "front"}, "width": 10, "height": 20}, {"url": "https://x.test/b.png"}],
        seo={"title": {"en": "Buy"}, "description": {"en": "Now"}},
        tax_category="books",
        shipping_class="bulky",
        publications=[{"channel": "web", "from_at": "2020-01-01T00:00:00.000Z"}, {"channel": "market"}],
        scheduled=[{"sku": "R-1", "currency": "BRL", "amount": 4000, "at": "2126-01-01T00:00:00.000Z"}],
        variants=[
            {
                "sku": "R-1", "gtin": "4006381333931", "options": {"color": {"pt-BR": "Azul", "en": "Blue"}},
                "prices": {"BRL": 4490, "USD": 890, "JPY": 1200}, "compare_at": {"BRL": 5990}, "weight_g": 350,
                "price_list": [{"currency": "BRL", "amount": 4000, "min_quantity": 10, "group": "trade"}],
                "image": "/media/c.svg",
            },
            {"sku": "R/2 é", "options": {"color": {"pt-BR": "Verde"}}, "prices": {"BRL": 100}, "availability": "backorder"},
            {"sku": "R-3", "options": {"color": {"pt-BR": "Voucher"}}, "prices": {"USD": 100}, "digital": True},
        ],
    )  # fmt: skip


async def test_an_export_comes_back_as_it_went(
    catalog: CatalogService, pool: "asyncpg.Pool[asyncpg.Record]", tmp_path: Path
) -> None:
    await catalog.seed_demo("0195f000-0000-7000-8000-000000000001")
    await catalog.upsert([rich(), row("draft", status="draft"), row("old", status="archived")])
    before, path = await everything(catalog), tmp_path / "all.jsonl"
    path.write_text(await exported(catalog, "jsonl"), encoding="utf-8")
    report = await catalog.import_products(path)
    assert (report.created, report.changed, report.unchanged, report.ignored) == (0, 0, 63, ())
    await pool.execute("TRUNCATE catalog.products, catalog.variants, catalog.placements CASCADE")
    report = await catalog.import_products(path)
    assert (report.created, report.problems) == (63, ())
    assert await everything(catalog) == before


async def test_what_another_wrote_meanwhile_is_undone_by_the_export(catalog: CatalogService, tmp_path: Path) -> None:
    await catalog.upsert([row("mug"), row("bowl", status="draft")])
    before, path = await everything(catalog), tmp_path / "all.jsonl"
    path.write_text(await exported(catalog, "jsonl"), encoding="utf-8")
    await catalog.archive_product(MANAGER, "mug")
    await catalog.patch_product(MANAGER, "bowl", {"status": "active", "brand": "Riso"})
    assert (await catalog.import_products(path)).changed == 2
    assert await everything(catalog) == before


@pytest.fixture
async def items(catalog: CatalogService) -> list[ElementTree.Element]:
    await catalog.upsert(
        [rich(), row("plain", brand="Riso", attributes={"mpn": "P-1"}), row("draft", status="draft"), row("dollar",
         variants=[{"sku": "D", "prices": {"USD": 5}}])]
    )  # fmt: skip
    await catalog.put_category(MANAGER, "mesa", {"title": {"pt-BR": "Mesa & Cozinha"}})
    await catalog.put_category(MANAGER, "casa", {"title": "Casa"})
    await catalog.patch_product(MANAGER, "rich", {"categories": ["mesa"]})
    await catalog.put_category(MANAGER, "mesa", {"title": {"pt-BR": "Mesa & Cozinha"}, "parent": "casa"})
    text = await exported(catalog, "google")
    root = ElementTree.fromstring(text)
    assert (root.tag, root.attrib["version"]) == ("rss", "2.0")
    return list(root.iter("item"))


def told(item: ElementTree.Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for child in item:
        assert child.tag.startswith(G)
        found.setdefault(child.tag.removeprefix(G), []).append(child.text or "")
    return found


async def test_google_is_told_what_is_sold_in_the_currency(items: list[ElementTree.Element]) -> None:
    assert [told(item)["id"][0] for item in items] == ["R-1", "R/2 é", "PLAIN"]


async def test_google_is_told_all_of_a_variant(items: list[ElementTree.Element]) -> None:
    assert told(items[0]) == {
        "id": ["R-1"],
        "title": ["Título rich, Azul"],
        "description": ['Linha <um> & "dois"\n\nOutra'],
        "link": [f"{SHOP_URL}/p/rich?sku=R-1"],
        "image_link": [f"{SHOP_URL}/media/c.svg"],
        "additional_image_link": [f"{SHOP_URL}/media/a.svg", "https://x.test/b.png"],
        "availability": ["in_stock"],
        "price": ["59.90 BRL"],
        "sale_price": ["44.90 BRL"],
        "brand": ["Riso & Filhos"],
        "gtin": ["4006381333931"],
        "item_group_id": ["rich"],
        "color": ["Azul"],
        "product_type": ["Casa > Mesa & Cozinha"],
        "shipping_weight": ["350 g"],
    }


async def test_google_is_told_what_has_no_identifier(items: list[ElementTree.Element]) -> None:
    second, plain = told(items[1]), told(items[2])
    assert (second["identifier_exists"], second["availability"]) == (["no"], ["backorder"])
    assert second["link"] == [f"{SHOP_URL}/p/rich?sku=R%2F2%20%C3%A9"]
    assert (plain["mpn"], plain["link"]) == (["P-1"], [f"{SHOP_URL}/p/plain"])
    assert "identifier_exists" not in plain
    assert "item_group_id" not in plain


async def test_currencies_have_the_digits_that_they_have(catalog: CatalogService) -> None:
    await catalog.upsert([rich()])
    root = ElementTree.fromstring(await exported(catalog, "google", "JPY"))
    assert [price.text for price in root.iter(f"{G}price")] == ["1200 JPY"]


async def test_what_xml_cannot_hold_is_left_out(catalog: CatalogService) -> None:
    await catalog.upsert([row("mug", title={"pt-BR": "a\ufffeb]]>&<c>"})])
    root = ElementTree.fromstring(await exported(catalog, "google"))
    assert [title.text for title in root.iter(f"{G}title")] == ["ab]]>&<c>"]


def test_a_currency_that_is_none_is_refused() -> None:
    with pytest.raises(Exception, match="XXX"):
        make_feed("google", shop_url=SHOP_URL, language="en", currency="XXX", at="", categories=())


@pytest.fixture
async def client(shop: Shop) -> httpx.AsyncClient:
    for principal, slug in ((POTTER, "mug"), (BAKER, "bread"), (POTTER, "bowl")):
        made = await shop.as_(principal).post("/v1/catalog/products", json=row(slug, status="draft"))
        assert made.status_code == 201
    return shop.as_(POTTER)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("jsonl", "application/x-ndjson"), ("shopify", "text/csv"), ("google", "application/rss+xml")],
)
async def test_a_merchant_exports_her_own(client: httpx.AsyncClient, name: str, kind: str) -> None:
    answer = await client.get("/v1/catalog/export", params={"format": name})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert "bread" not in answer.text
    if name != "google":
        assert answer.text.index("bowl") < answer.text.index("mug")
    else:
        assert ElementTree.parse(io.StringIO(answer.text)).getroot().tag == "rss"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [({"format": "xml"}, 400, "invalid_request"), ({"format": "google", "currency": "XXX"}, 422, "currency_unknown")],
)
async def test_an_unknown_format_or_currency_is_refused(
    client: httpx.AsyncClient, asked: dict[str, str], status: int, code: str
) -> None:
    answer = await client.get("/v1/catalog/export", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
