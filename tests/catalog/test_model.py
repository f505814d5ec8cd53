"""Slugs, check digits, and what the difference of two products means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.domains.catalog.contract import Product, Variant
from renga.domains.catalog.contract.events import PriceChanged, ProductUpdated
from renga.domains.catalog.model import Draft, decide, gtin_problem, is_slug, price_changes, slugify, updated
from renga.domains.catalog.model.limits import SLUG_CHARS_MAX

AT = "2026-11-22T16:00:00.000Z"


def draft(*variants: Variant, **changed: object) -> Draft:
    return Draft(**{"slug": "mug", "title": {"en": "Mug"}, "variants": variants} | changed)  # type: ignore[arg-type] # test data


def product(*variants: Variant, version: int = 3) -> Product:
    return Product(
        id="p1",
        slug="mug",
        version=version,
        title={"en": "Mug"},
        variants=variants,
        created_at="then",
        updated_at="then",
    )


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Caneca Aurora, Nº 2", "caneca-aurora-no-2"),
        ("  Pão de açúcar  ", "pao-de-acucar"),
        ("Straße & Øre", "strasse-ore"),
        ("--", ""),
        ("茶", ""),
        ("x" * 200, "x" * SLUG_CHARS_MAX),
        ("word " * 40, ("word-" * 24)[:-1]),
    ],
)
def test_a_slug_is_the_latin_skeleton_of_a_text(text: str, slug: str) -> None:
    assert slugify(text) == slug


@given(st.text(max_size=300))
def test_what_slugify_makes_is_a_slug_and_stays_as_it_is(text: str) -> None:
    slug = slugify(text)
    assert slug == "" or is_slug(slug)
    assert slugify(slug) == slug


@pytest.mark.parametrize("gtin", ["96385074", "036000291452", "4006381333931", "00012345600012"])
def test_right_check_digits_are_accepted(gtin: str) -> None:
    assert gtin_problem(gtin) is None


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 9))
def test_exactly_one_check_digit_is_right(body: str, wrong: int) -> None:
    right = [str(d) for d in range(10) if gtin_problem(f"{body}{d}") is None]
    assert len(right) == 1
    if str(wrong) != right[0]:
        assert gtin_problem(f"{body}{wrong}") == f"'{body}{wrong}' has the check digit {wrong}, it must be {right[0]}"


@pytest.mark.parametrize("text", ["", "12345678901", "400638133393x", "٤٠٠٦٣٨١٣٣٣٩٣١", "1" * 15])
def test_what_has_not_8_12_13_or_14_digits_is_no_gtin(text: str) -> None:
    assert gtin_problem(text) is not None


def test_a_new_product_is_one_fact_and_no_price_change() -> None:
    change = decide(None, draft(Variant(sku="A", prices={"BRL": 1})), at=AT, new_id=iter(["p1", "e1"]).__next__)
    assert change is not None
    assert change.product == Product(
        id="p1",
        slug="mug",
        version=1,
        title={"en": "Mug"},
        variants=(Variant(sku="A", prices={"BRL": 1}),),
        created_at=AT,
        updated_at=AT,
    )
    assert [(e.id, e.type, e.subject, e.sequence, e.data) for e in change.events] == [
        ("e1", "catalog.ProductPublished", "p1", 1, {"product_id": "p1", "slug": "mug", "version": 1, "skus": ("A",)})
    ]


def test_an_equal_draft_changes_nothing() -> None:
    variant = Variant(sku="A", prices={"BRL": 1})
    assert decide(product(variant), draft(variant), at=AT, new_id=lambda: "never") is None


def test_true_is_another_value_than_one() -> None:
    current = Product(
        id="p1", slug="mug", version=1, title={"en": "Mug"}, attributes={"a": 1}, created_at=AT, updated_at=AT
    )
    assert decide(current, draft(attributes={"a": 1}), at=AT, new_id=lambda: "x") is None
    assert decide(current, draft(attributes={"a": True}), at=AT, new_id=lambda: "x") is not None


def test_a_changed_product_keeps_its_id_and_birth_and_names_removed_skus() -> None:
    old = product(Variant(sku="A"), Variant(sku="B"))
    change = decide(old, draft(Variant(sku="B"), Variant(sku="C")), at=AT, new_id=lambda: "e")
    assert change is not None
    assert (change.product.id, change.product.version, change.product.created_at) == ("p1", 4, "then")
    assert change.product.updated_at == AT
    assert updated(old, change.product) == ProductUpdated(product_id="p1", slug="mug", version=4, skus=("A", "B", "C"))


def test_each_changed_price_of_a_sku_and_currency_is_one_fact() -> None:
    old = product(Variant(sku="A", prices={"BRL": 1, "USD": 2, "EUR": 3}), Variant(sku="B", prices={"BRL": 9}))
    new = product(Variant(sku="A", prices={"BRL": 1, "USD": 5, "JPY": 7}), version=4)

    def fact(sku: str, currency: str, amount: int | None, was: int | None) -> PriceChanged:
        return PriceChanged(product_id="p1", slug="mug", version=4, sku=sku, currency=currency, amount=amount, was=was)

    assert list(price_changes(old, new)) == [
        fact("A", "USD", 5, 2),
        fact("A", "EUR", None, 3),
        fact("B", "BRL", None, 9),
        fact("A", "JPY", 7, None),
    ]


_prices = st.dictionaries(st.sampled_from(["BRL", "USD", "EUR"]), st.integers(0, 3))
_variants = st.dictionaries(st.sampled_from(["A", "B", "C"]), _prices).map(
    lambda skus: tuple(Variant(sku=sku, prices=prices) for sku, prices in skus.items())
)


@given(_variants, _variants)
def test_replaying_the_price_facts_on_the_old_prices_gives_the_new_ones(
    old: tuple[Variant, ...], new: tuple[Variant, ...]
) -> None:
    prices = {(v.sku, c): a for v in old for c, a in v.prices.items()}
    for fact in price_changes(product(*old), product(*new)):
        assert prices.pop((fact.sku, fact.currency), None) == fact.was
        if fact.amount is not None:
            prices[fact.sku, fact.currency] = fact.amount
    assert prices == {(v.sku, c): a for v in new for c, a in v.prices.items()}
