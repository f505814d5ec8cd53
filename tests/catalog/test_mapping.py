"""Mapping files: what they can say, and that a wrong one is refused before any row is read."""

from pathlib import Path
from typing import Any

import pytest

from renga.domains.catalog.contract import RowInvalid
from renga.domains.catalog.feeds.mapping import load_mapping
from renga.domains.catalog.feeds.outcomes import ImportRefused
from renga.domains.catalog.rows.flat import native_of

ROOT = Path(__file__).parents[2]


def mapped(tmp_path: Path, toml: str, row: dict[str, Any]) -> dict[str, Any]:
    path = tmp_path / "shop.toml"
    path.write_text(toml, encoding="utf-8")
    return native_of(load_mapping(path)(row))


def test_every_transform_of_a_mapping(tmp_path: Path) -> None:
    toml = """
        language = "pt-BR"
        currency = "BRL"
        decimal = ","
        [fields]
        slug = { template = "{marca}-{dados.codigo}" }
        "title.en" = "nomes[1]"
        "title.pt-BR" = "nomes[0]"
        brand = { value = "Oficina" }
        categories = { from = "grupos", split = "/" }
        gtin = { from = "ean", pad = 12 }
        price = "Preço (R$)"
        "prices.USD" = { from = "usd", unit = "minor" }
        "attributes.*" = "attr_*"
        "attributes.origem" = "pais"
        "options.size" = "tamanho"
        sku = "dados.codigo"
        image = "fotos[5].url"
        variant_image = "fotos[0].url"
    """
    row = {
        "marca": "Olá!",
        "dados": {"codigo": "C-1"},
        "nomes": ["Caneca", "Mug"],
        "grupos": " Mesa / Café /",
        "ean": 36000291452,
        "Preço (R$)": "1.234,50",
        "usd": 250,
        "attr_cor": "azul",
        "attr_peso": 3,
        "pais": "BR",
        "tamanho": "P",
        "fotos": [{"url": "/a.png"}],
    }
    assert mapped(tmp_path, toml, row) == {
        "slug": "ola-c-1",
        "title": {"en": "Mug", "pt-BR": "Caneca"},
        "brand": "Oficina",
        "categories": ["Mesa", "Café"],
        "attributes": {"cor": "azul", "peso": 3, "origem": "BR"},
        "language": "pt-BR",
        "variants": [
            {
                "sku": "C-1",
                "gtin": "036000291452",
                "options": {"size": "P"},
                "image": "/a.png",
                "prices": {"USD": 250, "BRL": 123450},
            }
        ],
    }


def test_prefixes_are_stripped_unless_two_names_would_become_one(tmp_path: Path) -> None:
    toml = '[fields]\nsku = "s"\nattributes = { from = "a", strip = ["t_", "n_"] }'
    row = {"s": "A", "a": {"t_size": "P", "n_size": 3.0, "b_ok": True}}
    assert mapped(tmp_path, toml, row)["attributes"] == {"size": "P", "n_size": 3.0, "b_ok": True}


def test_a_json_mapping_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    path.write_text('{"currency": "USD", "fields": {"sku": "id", "price": "cost"}}', encoding="utf-8")
    assert native_of(load_mapping(path)({"id": "A", "cost": "2.5"}))["variants"] == [
        {"sku": "A", "prices": {"USD": 250}}
    ]


def test_a_template_whose_part_is_missing_is_a_problem_of_the_row(tmp_path: Path) -> None:
    with pytest.raises(RowInvalid) as refusal:
        mapped(tmp_path, '[fields]\nslug = { template = "{brand}-{id}" }', {"id": 1})
    assert refusal.value.problems == [("slug", "needs 'brand', which the row does not have")]


def test_the_example_for_icecat_maps_a_row_of_it() -> None:
    mapping = load_mapping(ROOT / "docs" / "examples" / "icecat.mapping.toml")
    assert native_of(
        mapping(
            {
                "id": "3920564",
                "sku": "006R90321",
                "title": "Xerox toner",
                "brand": "Xerox",
                "ean": ["0095205603217"],
                "short_description": None,
                "date_released": "2009-12-10T00:00:00Z",
                "price_minor": 4995,
                "images": {"high": "http://images.example/h.jpg"},
                "attributes": {"t_type": "Original", "n_quantity_per_pack": 6.0, "b_refill": False},
            }
        )
    ) == {
        "slug": "xerox-3920564",
        "title": "Xerox toner",
        "brand": "Xerox",
        "image": "http://images.example/h.jpg",
        "attributes": {
            "type": "Original",
            "quantity_per_pack": 6.0,
            "refill": False,
            "mpn": "006R90321",
            "date_released": "2009-12-10T00:00:00Z",
        },
        "language": "en",
        "variants": [{"sku": "3920564", "gtin": "0095205603217", "prices": {"USD": 4995}}],
    }


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("fields = 5", "Expected `object`, got `int` - at `fields`"),
        ("[fields]", "[fields] is empty"),
        ('[fields]\nskuu = "id"', "there is no field 'skuu' to map to; there are slug, external_id, title"),
        ('[fields]\n"brand.en" = "id"', "there is no field 'brand.en' to map to"),
        ('[fields]\n"prices.XXX" = "id"', "prices.XXX: 'XXX' is not an active currency of ISO 4217"),
        ('[fields]\n"title.e n" = "id"', "title.e n: 'e n' is not a language tag such as pt-BR"),
        ('currency = "R$"\n[fields]\nsku = "id"', "currency: 'R$' is not an active currency of ISO 4217"),
        ('unit = "cents"\n[fields]\nsku = "id"', "the mapping: unit = 'cents' must be one of major, minor"),
        ('curency = "BRL"\n[fields]\nsku = "id"', "Object contains unknown field `curency`"),
        ('[fields]\nsku = { form = "id" }', "Object contains unknown field `form`"),
        ("[fields]\nsku = { split = ',' }", "sku needs exactly one of from, value and template"),
        ('[fields]\n"attributes.*" = "a_*"\nattributes = "a"', "attributes.* and attributes are the same field"),
        ("[fields", "Expected ']' at the end of a table declaration"),
    ],
)
def test_a_wrong_mapping_is_refused_in_one_line(tmp_path: Path, toml: str, reason: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        mapped(tmp_path, toml, {})
    assert refusal.value.detail.startswith("the mapping shop.toml is not valid: ")
    assert reason in refusal.value.detail
    assert "\n" not in refusal.value.detail


def test_a_mapping_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"the mapping .*none\.toml cannot be read: No such file or directory"):
        load_mapping(tmp_path / "none.toml")


def test_a_table_can_say_what_a_variant_weighs_and_what_it_cost_before(tmp_path: Path) -> None:
    toml = """
        currency = "BRL"
        [fields]
        title = "nome"
        sku = "codigo"
        price = "preco"
        "compare_at.BRL" = "de"
        weight_g = "peso"
        digital = "digital"
        status = "estado"
        type = "tipo"
    """
    row = {"nome": "Caneca", "codigo": "C", "preco": "59.90", "de": "79.90", "peso": "380", "digital": "FALSE"}
    assert mapped(tmp_path, toml, row | {"estado": "draft", "tipo": "mug"}) == {
        "title": "Caneca",
        "status": "draft",
        "type": "mug",
        "variants": [
            {
                "sku": "C",
                "prices": {"BRL": 5990},
                "compare_at": {"BRL": 7990},
                "weight_g": 380,
                "digital": False,
            }
        ],
    }
