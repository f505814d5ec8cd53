"""What the guide on imports shows is true."""

import re
from pathlib import Path

import pytest

from renga.domains.catalog.feeds.mapping import load_mapping
from renga.domains.catalog.feeds.outcomes import ImportRefused
from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.rows.flat import native_of
from tests.catalog.callers import MANAGER

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "import.md").read_text(encoding="utf-8")


def block(start: str) -> str:
    """The code block of the guide that begins so."""
    blocks: list[str] = re.findall(r"```\w*\n(.*?)```", GUIDE, re.DOTALL)
    return next(found for found in blocks if found.startswith(start))


async def test_the_native_row_is_imported(catalog: CatalogService, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(block('{"slug"').replace("\n", " "), encoding="utf-8")
    report = await catalog.import_products(path)
    assert (report.created, report.ignored) == (1, ())
    assert (await catalog.offers(["CAN-AZ"]))["CAN-AZ"].prices == {"BRL": 5990, "USD": 1290}


async def test_the_whole_row_is_imported_once_its_type_is_there(catalog: CatalogService, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(block('{"title": {"pt-BR": "Kit').replace("\n", " "), encoding="utf-8")
    with pytest.raises(ImportRefused) as refusal:
        await catalog.import_products(path)
    assert [(p.field, p.reason) for p in refusal.value.problems] == [("type", "there is no product type 'gift-set'")]
    attributes = [{"code": "weight", "kind": "number", "unit": "g"}]
    await catalog.put_product_type(MANAGER, "gift-set", {"title": {"en": "Gift set"}, "attributes": attributes})
    report = await catalog.import_products(path)
    assert (report.created, report.ignored) == (1, ())
    product = await catalog.own_product(MANAGER, "kit-aurora")
    assert (product.attributes, product.status, product.merchant) == ({"weight": 1500}, "active", "oficina")
    assert product.due_at == "2023-11-25T03:00:00.000Z"


async def test_the_flat_rows_are_one_product_of_two_variants(catalog: CatalogService, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(block("product;sku"), encoding="utf-8")
    report = await catalog.import_products(path)
    assert (report.rows, report.created, report.ignored) == (2, 1, ())
    product = await catalog.product("camiseta")
    assert product.title == {"pt-BR": "Camiseta Riso", "en": "Riso T-shirt"}
    assert product.categories == ("roupas", "novidades")
    assert [variant.prices for variant in product.variants] == [{"BRL": 5990}, {"BRL": 5990}]


def test_the_mapping_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(block("language ="), encoding="utf-8")
    row = {"marca": "Riso", "codigo": "7", "nome": "Caneca", "nomes": {"ingles": "Mug"}, "Preço (R$)": "1.234,56"}
    native = native_of(load_mapping(path)(row))
    assert native["title"] == {"pt-BR": "Caneca", "en": "Mug"}
    assert (native["slug"], native["variants"][0]["prices"]) == ("riso-7", {"BRL": 123456})
