"""No cell of an export is a formula, and what was exported comes back as it was."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.domains.catalog.feeds.formulas import escaped, unescaped
from renga.domains.catalog.feeds.shopify_columns import COLUMNS
from renga.domains.catalog.feeds.shopify_reading import ShopifyTerms
from renga.domains.catalog.local import CatalogService
from tests.catalog.callers import MANAGER
from tests.catalog.selling import SHOP_URL
from tests.catalog.shop import row, write_jsonl

WIDE = "\uff1d"
BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", WIDE, "\uff0b", "\uff0d", "\uff20")
FORMULAS = (
    "=1+1",
    "@SUM(A1:A9)",
    "+cmd|' /C calc'!A0",
    "-2+3",
    '=HYPERLINK("http://x")',
    "'=1",
    "''@x",
    f"{WIDE}1+1",
    "=",
    "-",
)


@given(
    st.sampled_from(COLUMNS),
    st.text(alphabet=st.sampled_from("='+-@\t\r\nab1\uff1d"), max_size=6) | st.text(max_size=20),
)
def test_every_cell_is_read_as_it_was_and_none_begins_a_formula(column: str, text: str) -> None:
    written = escaped(column, text)
    assert not written.startswith(BEGINNINGS)
    assert unescaped(column, written) == text


@pytest.mark.parametrize("formula", FORMULAS)
async def test_an_export_with_a_formula_comes_back_whole(catalog: CatalogService, tmp_path: Path, formula: str) -> None:
    product = row(
        "mug",
        title={"pt-BR": formula},
        brand=formula,
        variants=[{"sku": formula, "prices": {"BRL": 100}, "options": {"size": {"pt-BR": formula}}}],
        seo={"title": {"pt-BR": formula}, "description": {"pt-BR": formula}},
        media=[{"url": "/media/demo/a.svg", "alt": {"pt-BR": formula}}],
        attributes={"tags": formula},
    )
    await catalog.import_products(write_jsonl(tmp_path / "a.jsonl", product))
    before = (await catalog.products_by_slug(["mug"]))["mug"]
    feed = await catalog.feed("shopify", shop_url=SHOP_URL, language="pt-BR", currency="BRL")
    text = "".join([piece async for piece in catalog.export(MANAGER, feed)])
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    assert sum(formula in cell for cell in cells) >= 6
    assert not [cell for cell in cells if cell.startswith(BEGINNINGS)]
    path = tmp_path / "back.csv"
    path.write_text(text, encoding="utf-8", newline="")
    await catalog.import_products(path, shopify=ShopifyTerms(own_url=SHOP_URL))
    after = (await catalog.products_by_slug(["mug"]))["mug"]
    assert (after.title, after.brand, after.seo, after.attributes) == (
        before.title,
        before.brand,
        before.seo,
        before.attributes,
    )
    assert [(one.sku, one.options) for one in after.variants] == [(one.sku, one.options) for one in before.variants]
    assert [one.alt for one in after.media] == [one.alt for one in before.media]
