"""Tax codes, measures and costs from files and into feeds, and what a kg or l costs."""

import csv
import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.domains.catalog.contract import Measure, Offer, Product, RowInvalid, amount_per_base, base_content
from renga.domains.catalog.feeds.common_names import flat_of
from renga.domains.catalog.feeds.export_products import make_feed
from renga.domains.catalog.feeds.mapping import load_mapping
from renga.domains.catalog.feeds.shopify_columns import COLUMNS
from renga.domains.catalog.feeds.shopify_reading import ShopifyTerms
from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.model import decide, offers_of
from renga.domains.catalog.rows.drafts import draft_of
from renga.domains.catalog.rows.flat import native_of
from tests.catalog.shop import row

AT = "2026-11-25T12:00:00.000Z"


def made(given: dict[str, Any]) -> Product:
    change = decide(None, draft_of(given), at=AT, new_id=lambda: "id")
    assert change is not None
    return change.product


COFFEE = row(
    "coffee",
    tax_code="09012100",
    variants=[
        {"sku": "COFFEE", "prices": {"BRL": 4490}, "measure": {"amount": 250.0, "unit": "g"}, "cost": {"BRL": 1777123}}
    ],
)


def from_columns(**columns: str) -> Product:
    """A product of one line of a CSV file."""
    flat, unknown = flat_of({"sku": "A", "title": "A", **columns})
    assert unknown == set()
    return made(native_of(flat))


@pytest.mark.parametrize(
    ("amount", "unit", "price", "expected"),
    [
        (250, "g", 4490, (17960, "kg")),
        (1, "kg", 14900, (14900, "kg")),
        (0.5, "g", 999, (1998000, "kg")),
        (750, "ml", 2000, (2667, "l")),
        (1.5, "l", 100, (67, "l")),
        (12, "piece", 1000, (83, "piece")),
        (2.25, "m2", 9, (4, "m2")),
        (3, "m", 0, (0, "m")),
    ],
)
def test_what_a_base_unit_costs(amount: float, unit: Any, price: int, expected: tuple[int, str]) -> None:
    assert amount_per_base(price, Measure(amount=amount, unit=unit)) == expected


@given(st.integers(1, 10**9), st.sampled_from(["g", "kg", "ml", "l", "m", "m2", "piece"]))
def test_what_a_measure_contains_is_exact(thousandths: int, unit: Any) -> None:
    base = base_content(Measure(amount=thousandths / 1000, unit=unit))
    whole = 1000 if unit in ("g", "ml") else 1
    assert Fraction(base.content, base.parts) == Fraction(thousandths, 1000 * whole)


def test_whole_amounts_are_integers_and_offers_have_everything() -> None:
    product = made(COFFEE)
    measure = product.variants[0].measure
    assert measure is not None
    assert msgspec.json.encode(measure) == b'{"amount":250,"unit":"g"}'
    (offer,) = offers_of(product)
    assert (offer.tax_code, offer.measure, offer.cost) == ("09012100", measure, {"BRL": 1777123})


def test_products_and_offers_of_earlier_versions_are_read() -> None:
    plain = made(row())
    (offer,) = offers_of(plain)
    for one in (plain, offer):
        stored = msgspec.json.encode(one)
        assert not any(name in stored for name in (b"tax_code", b"measure", b"cost"))
    old = {"sku": "A", "slug": "a", "title": {"en": "A"}, "prices": {"BRL": 1}, "image": None, "product_version": 1}
    read = msgspec.convert(old, Offer)
    assert (read.tax_code, read.measure, read.cost) == (None, None, {})


@pytest.mark.parametrize(
    "columns",
    [
        {"measure": "250 g"},
        {"measure": "250g"},
        {"measure.amount": "250.0", "measure.unit": "g"},
    ],
)
def test_columns_of_a_table(columns: dict[str, str]) -> None:
    product = from_columns(tax_code="0901.21.00", **{"cost.BRL": "1500", "cost.USD": "300"}, **columns)
    assert product.tax_code == "0901.21.00"
    variant = product.variants[0]
    assert (variant.measure, variant.cost) == (Measure(amount=250, unit="g"), {"BRL": 1500, "USD": 300})


@pytest.mark.parametrize("measure", ["much", "250", "1,5 l", "9" * 40 + " g"])
def test_a_column_that_is_no_measure_is_refused(measure: str) -> None:
    with pytest.raises(RowInvalid) as refused:
        from_columns(measure=measure)
    assert refused.value.problems == [("variants[0].measure", f"{measure[:40]!r} is not a measure such as 250 g")]


def test_a_mapping_reads_costs_as_prices(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text(
        'currency = "BRL"\ndecimal = ","\n[fields]\nsku = "codigo"\ntitle = "nome"\ntax_code = { from = "ncm", pad = 8 }\n'
        '"cost.BRL" = "custo"\n"cost.USD" = { from = "usd", unit = "minor" }\n'
        '"measure.amount" = "conteudo"\n"measure.unit" = { value = "ml" }\n'
    )
    flat = load_mapping(file)(
        {"codigo": "A", "nome": "A", "ncm": 9012100, "custo": "1.234,50", "usd": 99, "conteudo": 330}
    )
    product = made(native_of(flat))
    assert product.tax_code == "09012100"
    assert product.variants[0].cost == {"BRL": 123450, "USD": 99}
    assert product.variants[0].measure == Measure(amount=330, unit="ml")


async def test_shopify_has_the_three_and_gets_two_back(catalog: CatalogService, tmp_path: Path) -> None:
    cells = {
        "URL handle": "oil", "Title": "Oil", "SKU": "OIL", "Price": "20.00", "Status": "Active", "Tax code": "P0000000",
        "Cost per item": "8.50", "Unit price total measure": "750", "Unit price total measure unit": "ML",
    }  # fmt: skip
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="")
    writer.writeheader()
    writer.writerow(cells)
    writer.writerow({**cells, "URL handle": "b", "SKU": "B", "Tax code": "a b", "Unit price total measure unit": "gal"})
    file = tmp_path / "shopify.csv"
    file.write_text(out.getvalue())
    await catalog.import_products(file, shopify=ShopifyTerms())
    products = {one.slug: one async for one in _stored(catalog)}
    oil, other = products["oil"], products["b"]
    assert (oil.tax_code, oil.variants[0].cost) == ("P0000000", {"BRL": 850})
    assert oil.variants[0].measure == Measure(amount=750, unit="ml")
    assert (other.tax_code, other.variants[0].measure) == (None, None)
    feed = make_feed("shopify", shop_url="https://s", language="en", currency="BRL", at=AT, categories=())
    (written,) = csv.DictReader(io.StringIO(feed.head() + feed.rows(oil)))
    kept = ("Tax code", "Unit price total measure", "Unit price total measure unit", "Cost per item")
    assert [written[name] for name in kept] == ["P0000000", "750", "ml", ""]


async def _stored(catalog: CatalogService) -> Any:
    """Products with their costs, as they are stored."""
    for listed in await catalog.dependencies.products.scan(after=0, limit=100):
        yield listed.product


@pytest.mark.parametrize(
    ("measure", "told", "base"),
    [(Measure(amount=250, unit="g"), "250 g", "1 kg"), (Measure(amount=2.5, unit="m2"), "2.5 sqm", "1 sqm")],
)
def test_google_is_told_the_measure_and_never_the_cost(measure: Measure, told: str, base: str) -> None:
    product = made(COFFEE)
    product = msgspec.structs.replace(
        product, variants=(msgspec.structs.replace(product.variants[0], measure=measure),)
    )
    feed = make_feed("google", shop_url="https://s", language="en", currency="BRL", at=AT, categories=())
    item = feed.rows(product)
    assert f"<g:unit_pricing_measure>{told}</g:unit_pricing_measure>" in item
    assert f"<g:unit_pricing_base_measure>{base}</g:unit_pricing_base_measure>" in item
    assert "1777123" not in item
    assert "cost" not in item
