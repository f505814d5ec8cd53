"""The pure parts of search: folding, documents, validation of queries, synonyms, facets, misspellings."""

import math

import pytest

from renga.domains.catalog.contract import (
    AttributeType,
    Category,
    EnumOption,
    ListPrice,
    Product,
    ProductType,
    Variant,
)
from renga.domains.search.asking import checked, variants
from renga.domains.search.contract import Bucket, Facet, Filter, Range, SearchInvalid, SearchQuery, Synonyms
from renga.domains.search.facets import facets_of
from renga.domains.search.model.document import FacetNumber, FacetValue, LanguageText, TaxonomyTexts, document_of
from renga.domains.search.model.folding import fold, key_of, words_of
from renga.domains.search.model.spelling import distance, edits_allowed
from renga.domains.search.ports import IndexFindings, NumberSpan, ValueCounts
from renga.domains.search.stores.postgres.terms import stemmable

AT = "2026-11-25T00:00:00.000Z"
SHELVES = TaxonomyTexts.of(
    [
        Category(slug="home", title={"pt-BR": "Casa", "en": "Home"}),
        Category(slug="table", title={"pt-BR": "Mesa", "en": "Table"}, parent="home"),
        Category(slug="loop", title={"en": "Loop"}, parent="loop"),
    ],
    [
        ProductType(
            code="mug",
            title={"pt-BR": "Caneca", "en": "Mug"},
            attributes=(
                AttributeType(code="volume", kind="number", unit="ml", title={"pt-BR": "Volume", "en": "Volume"}, facet=True),
                AttributeType(
                    code="glaze", kind="enum", facet=True, title={"pt-BR": "Esmalte", "en": "Glaze"},
                    options=(EnumOption(code="matte", title={"pt-BR": "Fosco", "en": "Matte"}),),
                ),
                AttributeType(code="kiln", title={"en": "Kiln"}),
            ),
        )
    ],
)  # fmt: skip
MUG = Product(
    id="p1",
    slug="mug",
    version=7,
    title={"pt-BR": "Caneca Aurora", "en": "Aurora Mug"},
    description={"pt-BR": "Feita à mão."},
    brand="Olaria",
    categories=("table",),
    type="mug",
    variants=(
        Variant(
            sku="MUG-1",
            gtin="96385074",
            prices={"BRL": 5990, "USD": 1290},
            options={"colour": {"pt-BR": "Azul", "en": "Blue"}, "size": {"pt-BR": "P", "en": "P"}},
            availability="out_of_stock",
        ),
        Variant(sku="MUG-2", prices={"BRL": 6990}, price_list=(ListPrice(currency="BRL", amount=4990),)),
    ),
    attributes={"volume": 350, "glaze": "matte", "kiln": "wood", "mpn": "AU-350"},
    created_at=AT,
    updated_at=AT,
)


def test_texts_are_folded_to_words_of_letters_and_digits() -> None:
    assert fold("Pão de Açúcar ĿØß") == "pao de acucar l·oss"
    assert words_of("Mother's 12-cup “Café”!") == ["mother", "12", "cup", "cafe"]
    assert (key_of("CAN-100 / az"), key_of("é-1")) == ("can100az", "e1")


def test_a_document_says_of_a_product_all_that_it_is_found_by() -> None:
    made = document_of(MUG, SHELVES, popularity=0.5)
    assert made.texts["pt"] == LanguageText(
        title="Caneca Aurora", words="Olaria Mesa Casa Azul P 350 ml Fosco wood AU-350", body="Feita à mão."
    )
    assert made.texts["en"].words == "Olaria Table Home Blue P 350 ml Matte wood AU-350"
    assert made.keys == {"mug1": "MUG-1", "96385074": "MUG-1", "mug2": "MUG-2", "au350": "MUG-1"}
    assert made.prices == {"BRL": 4990, "USD": 1290}
    assert (made.version, made.available, made.popularity, made.channels) == (7, True, 0.5, ("*",))
    assert set(made.values) == {
        FacetValue("brand", "Olaria"),
        FacetValue("category", "table"),
        FacetValue("category", "home"),
        FacetValue("merchant", "house"),
        FacetValue("type", "mug"),
        FacetValue("availability", "out_of_stock"),
        FacetValue("availability", "in_stock"),
        FacetValue("option.colour", "Azul", "pt"),
        FacetValue("option.colour", "Blue", "en"),
        FacetValue("option.size", "P"),
        FacetValue("attribute.glaze", "matte"),
        FacetValue("attribute.mpn", "AU-350"),
    }
    assert made.numbers == (FacetNumber("attribute.volume", 350.0),)


def test_a_category_that_stands_below_itself_ends_the_way_up() -> None:
    assert SHELVES.upwards(["loop", "table", "unknown"]) == ["loop", "table", "home", "unknown"]


@pytest.mark.parametrize(
    ("field", "query"),
    [
        ("text", {"text": "a" * 201}),
        ("text", {"text": "a\x07b"}),
        ("limit", {"limit": 101}),
        ("limit", {"limit": -1}),
        ("language", {"language": "not a tag"}),
        ("currency", {"currency": "XXX"}),
        ("channel", {"channel": ""}),
        ("category", {"category": "\x1f"}),
        ("filters", {"filters": tuple(Filter(facet=f"option.{n}", values=("a",)) for n in range(21))}),
        ("filters", {"filters": (Filter(facet="brand", values=("a",)),) * 2}),
        ("filters.nonsense", {"filters": (Filter(facet="nonsense", values=("a",)),)}),
        ("filters.brand", {"filters": (Filter(facet="brand"),)}),
        ("filters.brand", {"filters": (Filter(facet="brand", values=("a",) * 51),)}),
        ("filters.brand", {"filters": (Filter(facet="brand", values=("a\x1fb",)),)}),
        ("filters.brand", {"filters": (Filter(facet="brand", values=("",)),)}),
        ("filters.price", {"filters": (Filter(facet="price", at_least=2, at_most=1),)}),
        ("filters.price", {"filters": (Filter(facet="price", at_least=math.nan),)}),
        ("filters.price", {"filters": (Filter(facet="price", values=("1",)),)}),
        ("filters.price", {"filters": (Filter(facet="price", values=("1",), at_least=1),)}),
        ("facets", {"facets": ("nonsense",)}),
    ],
)
def test_every_bound_of_a_question_is_refused_by_its_name(field: str, query: dict[str, object]) -> None:
    with pytest.raises(SearchInvalid) as refused:
        checked(SearchQuery(**query))  # type: ignore[arg-type]  # members of SearchQuery
    assert refused.value.extra["field"] == field


def test_the_text_of_a_question_is_one_line() -> None:
    assert checked(SearchQuery(text="  a \n b\t")).text == "a b"


def test_words_that_mean_the_same_are_put_in_place_of_what_was_asked() -> None:
    rulings = (Synonyms(words=("celular", "telefone móvel")), Synonyms(words=("xícara",), to=("caneca",)))
    assert variants("capa celular", rulings, "pt-BR") == ("capa celular", "capa telefone móvel")
    assert variants("telefone movel azul", rulings, "pt-BR") == ("telefone movel azul", "celular azul")
    assert variants("xicara", rulings, "pt-BR") == ("xicara", "caneca")
    assert variants("caneca", rulings, "pt-BR") == ("caneca",)
    many = (Synonyms(words=tuple(f"w{n}" for n in range(20))),)
    assert len(variants("w0", many, "pt-BR")) == 7


def test_facets_come_in_order_with_the_readers_words() -> None:
    found = IndexFindings(
        hits=(),
        total=9,
        values=(
            ValueCounts(facet="attribute.glaze", counts=(("matte", 4), ("other", 2))),
            ValueCounts(facet="brand", counts=(("Olaria", 5), ("Forno", 4))),
            ValueCounts(facet="category", counts=(("home", 9), ("table", 5))),
            ValueCounts(facet="merchant", counts=(("house", 9),)),
        ),
        numbers=(
            NumberSpan(facet="attribute.volume", least=200, greatest=400, count=6),
            NumberSpan(facet="price", least=5, greatest=5, count=9),
        ),
    )
    brand = Filter(facet="brand", values=("Forno", "Gone"))
    shown = facets_of(found, SearchQuery(language="en", category="home", filters=(brand,)), SHELVES)
    assert [(one.facet, one.label, one.kind) for one in shown] == [
        ("brand", "brand", "terms"),
        ("attribute.glaze", "Glaze", "terms"),
        ("attribute.volume", "Volume", "range"),
    ]
    assert shown[0].buckets == (
        Bucket(value="Olaria", label="Olaria", count=5),
        Bucket(value="Forno", label="Forno", count=4, selected=True),
        Bucket(value="Gone", label="Gone", count=0, selected=True),
    )
    assert shown[1].buckets[0] == Bucket(value="matte", label="Matte", count=4)
    assert shown[2] == Facet(
        facet="attribute.volume", label="Volume", kind="range", range=Range(least=200, greatest=400), unit="ml"
    )
    asked = facets_of(found, SearchQuery(facets=("category", "nowhere")), SHELVES)
    assert [(one.facet, [bucket.value for bucket in one.buckets]) for one in asked] == [("category", ["home"])]
    assert facets_of(found, SearchQuery(facets=()), SHELVES) == ()


@pytest.mark.parametrize(
    ("one", "other", "most", "edits"),
    [
        ("caneca", "caneca", 2, 0),
        ("caneca", "canecca", 2, 1),
        ("caneca", "canea", 2, 1),
        ("caneca", "camecs", 2, 2),
        ("vela", "vlea", 1, 1),
        ("vela", "mesa", 1, 2),
        ("a", "abcdef", 2, 3),
        ("", "ab", 2, 2),
    ],
)
def test_the_distance_of_words_counts_swaps_as_one(one: str, other: str, most: int, edits: int) -> None:
    assert distance(one, other, most) == distance(other, one, most) == edits


def test_short_words_and_numbers_allow_no_slip() -> None:
    assert [edits_allowed(word) for word in ("abc", "abcd", "abcdefgh", "12345678")] == [0, 1, 2, 0]


def test_words_go_to_the_stemmer_as_it_knows_them() -> None:
    assert stemmable("Botões de não-metal", "pt") == "botao de metal"
    assert stemmable("the mugs", "en") == "the mugs"
