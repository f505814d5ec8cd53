"""Shopify's product CSV, both ways."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from renga.domains.catalog.contract import Product
from renga.domains.catalog.feeds.outcomes import ImportRefused
from renga.domains.catalog.feeds.plain_text import plain_text
from renga.domains.catalog.feeds.shopify import as_html
from renga.domains.catalog.feeds.shopify_columns import COLUMNS, is_shopify
from renga.domains.catalog.feeds.shopify_reading import ShopifyTerms
from renga.domains.catalog.local import CatalogService
from tests.catalog.callers import MANAGER
from tests.catalog.selling import SHOP_URL
from tests.catalog.shop import row

FORMER = """\
Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,\
Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,\
Variant Compare At Price,Variant Requires Shipping,Variant Barcode,Image Src,Image Position,Image Alt Text,Gift Card,\
SEO Title,SEO Description,Google Shopping / MPN,Variant Image,Status
shirt,Camiseta,"<p>Malha <b>macia</b> &amp; leve.</p><ul><li>um</li><li>dois</li></ul><script>x()</script>",Riso,Apparel,Roupas,\
"verao, algodao",true,Size,P,Color,Azul,SH-P,120,shopify,4,deny,59.90,79.90,true,4006381333931,https://cdn.test/2.jpg,2,Lado,\
false,Compre,Agora,M-1,https://cdn.test/azul.jpg,active
shirt,,,,,,,,,M,,Azul,SH-M,125.0,shopify,0,deny,59.90,,true,,https://cdn.test/1.jpg,1,Frente,,,,,,
shirt,,,,,,,,,G,,Azul,,,shopify,0,continue,62,,true,,,,,,,,,,
shirt,,,,,,,,,,,,,,,,,,,,,https://cdn.test/3.jpg,3,,,,,,,
gift,Vale,,,,,,false,Title,Default Title,,,VALE,0,,,deny,100.00,,false,123,,,,true,,,,,active
"""


async def imported(catalog: CatalogService, tmp_path: Path, text: str, **terms: Any) -> Any:
    path = tmp_path / "shop.csv"
    path.write_text(text, encoding="utf-8")
    return await catalog.import_products(path, shopify=ShopifyTerms(**terms))


async def product_of(catalog: CatalogService, slug: str) -> Product:
    return (await catalog.products_by_slug([slug]))[slug]


async def test_a_file_of_shopify_is_known_by_its_header(catalog: CatalogService, tmp_path: Path) -> None:
    report = await imported(catalog, tmp_path, FORMER)
    assert (report.rows, report.created, report.ignored) == (5, 2, ("Google Shopping / MPN",))
    shirt = await product_of(catalog, "shirt")
    assert shirt.title == {"pt-BR": "Camiseta"}
    assert shirt.description == {"pt-BR": "Malha macia & leve.\n\num\ndois"}
    assert (shirt.brand, shirt.categories, shirt.status) == ("Riso", ("roupas",), "active")
    assert shirt.attributes == {"tags": "verao, algodao", "product_category": "Apparel"}
    assert (shirt.seo.title, shirt.seo.description) == ({"pt-BR": "Compre"}, {"pt-BR": "Agora"})
    assert [(one.url, one.alt) for one in shirt.media] == [
        ("https://cdn.test/1.jpg", {"pt-BR": "Frente"}),
        ("https://cdn.test/2.jpg", {"pt-BR": "Lado"}),
        ("https://cdn.test/3.jpg", {}),
    ]
    assert shirt.image == "https://cdn.test/1.jpg"


async def test_each_row_with_a_sku_or_a_price_is_a_variant(catalog: CatalogService, tmp_path: Path) -> None:
    await imported(catalog, tmp_path, FORMER)
    small, medium, large = (await product_of(catalog, "shirt")).variants
    assert small.options == {"size": {"pt-BR": "P"}, "color": {"pt-BR": "Azul"}}
    assert (small.prices, small.compare_at, small.weight_g) == ({"BRL": 5990}, {"BRL": 7990}, 120)
    assert (small.gtin, small.image, small.availability) == ("4006381333931", "https://cdn.test/azul.jpg", "in_stock")
    assert (medium.sku, medium.weight_g, medium.availability) == ("SH-M", 125, "out_of_stock")
    assert (large.sku, large.prices, large.availability) == ("SHIRT-G-AZUL", {"BRL": 6200}, "backorder")
    voucher = await product_of(catalog, "gift")
    assert (voucher.status, voucher.attributes) == ("draft", {"barcode": "123"})
    assert (voucher.variants[0].options, voucher.variants[0].digital) == ({}, True)


async def test_language_currency_and_merchant_are_said_beside_it(catalog: CatalogService, tmp_path: Path) -> None:
    await imported(catalog, tmp_path, FORMER, language="en", currency="USD", merchant="m-1")
    shirt = await product_of(catalog, "shirt")
    assert (shirt.title, shirt.variants[0].prices, shirt.merchant) == ({"en": "Camiseta"}, {"USD": 5990}, "m-1")


async def test_the_same_file_again_changes_nothing(catalog: CatalogService, tmp_path: Path) -> None:
    await imported(catalog, tmp_path, FORMER)
    assert (await imported(catalog, tmp_path, FORMER)).unchanged == 2


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("Price", "free", "Price"),
        ("Price", "1,50", "Price"),
        ("Price", "1.999", "Price"),
        ("Weight value (grams)", "heavy", "Weight value (grams)"),
        ("Status", "sold", "status"),
        ("Product image URL", "javascript:alert(1)", "image"),
        ("Title", "", "title"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_written(
    catalog: CatalogService, tmp_path: Path, column: str, value: str, said: str
) -> None:
    good = {"URL handle": "mug", "Title": "Caneca", "SKU": "MUG", "Price": "59.90", "Status": "Active"}
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows([{**good, column: value}, {**good, "URL handle": "bowl", "SKU": "BOWL"}])
    with pytest.raises(ImportRefused) as refused:
        await imported(catalog, tmp_path, out.getvalue())
    assert refused.value.problems[0].line == 2
    assert said in {problem.field for problem in refused.value.problems}
    assert (await catalog.scan())[0] == []


async def exported(catalog: CatalogService) -> str:
    feed = await catalog.feed("shopify", shop_url=SHOP_URL, language="pt-BR", currency="BRL")
    return "".join([piece async for piece in catalog.export(MANAGER, feed)])


async def test_an_export_has_the_present_columns(catalog: CatalogService, tmp_path: Path) -> None:
    await imported(catalog, tmp_path, FORMER)
    rows = list(csv.DictReader(io.StringIO(await exported(catalog))))
    assert tuple(rows[0]) == COLUMNS
    assert is_shopify(list(rows[0]))
    first = {name: value for name, value in rows[0].items() if value}
    assert first == {
        "Title": "Camiseta", "URL handle": "shirt",
        "Description": "<p>Malha macia &amp; leve.</p><p>um<br>dois</p>", "Vendor": "Riso", "Product category": "Apparel",
        "Type": "Roupas", "Tags": "verao, algodao", "Published on online store": "TRUE", "Status": "Active", "SKU": "SH-P",
        "Barcode": "4006381333931", "Option1 name": "size", "Option1 value": "P", "Option2 name": "color",
        "Option2 value": "Azul", "Price": "59.90", "Compare-at price": "79.90", "Charge tax": "TRUE",
        "Continue selling when out of stock": "DENY", "Weight value (grams)": "120", "Weight unit for display": "g",
        "Requires shipping": "TRUE", "Fulfillment service": "manual", "Product image URL": "https://cdn.test/1.jpg",
        "Image position": "1", "Image alt text": "Frente", "Variant image URL": "https://cdn.test/azul.jpg",
        "Gift card": "FALSE", "SEO title": "Compre", "SEO description": "Agora",
    }  # fmt: skip
    assert [(one["SKU"], one["Inventory quantity"], one["Continue selling when out of stock"]) for one in rows] == [
        ("SH-P", "", "DENY"), ("SH-M", "0", "DENY"), ("SHIRT-G-AZUL", "0", "CONTINUE"), ("VALE", "", "DENY"),
    ]  # fmt: skip


async def test_an_export_of_what_it_can_hold_comes_back_as_it_went(catalog: CatalogService, tmp_path: Path) -> None:
    await imported(catalog, tmp_path, FORMER)
    await catalog.upsert([row("mug", title='Caneca, "grande"\tnova', image="/media/mug.svg", status="archived")])
    before = {one.slug: one for one in (await catalog.scan())[0]}
    await imported(catalog, tmp_path, await exported(catalog), own_url=SHOP_URL)
    after = {one.slug: one for one in (await catalog.scan())[0]}
    assert after["shirt"] == before["shirt"]
    assert after["gift"] == before["gift"]
    assert (after["mug"].image, after["mug"].status, after["mug"].variants) == (
        "/media/mug.svg", "archived", before["mug"].variants,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("<p>One<br>two</p><p>three</p>", "One\ntwo\n\nthree"),
        ("<p>a &amp; b &lt;c&gt;</p>", "a & b <c>"),
        ("<style>p{}</style><p>x</p><script>alert(1)</script>", "x"),
        ("<p>unclosed <b>bold", "unclosed bold"),
        ("a < b", "a < b"),
    ],
)
def test_of_html_the_text_stays(markup: str, text: str) -> None:
    assert plain_text(markup) == text


def test_a_text_goes_through_html_and_back() -> None:
    text = 'Linha <um> & "dois"\nmais\n\nOutra'
    assert plain_text(as_html(text)) == text
