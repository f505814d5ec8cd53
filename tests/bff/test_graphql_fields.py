"""What single fields say: pictures in sizes, prices under terms, the lowest price before a reduction, texts by language."""

import msgspec
import pytest

from renga.domains.catalog.contract import ListPrice, Measure, PricePoint
from renga.frontends.bff.graphql.schema import core_schema, fields_of
from renga.frontends.bff.graphql.types.media import WIDTHS, sized
from renga.platform.media import library
from tests.bff.shop import GraphShop
from tests.catalog.fake import FakeCatalog
from tests.catalog.samples import CATEGORIES, CUP, LAMP

UPLOADED = f"/media/{'ab' * 32}"


@pytest.mark.parametrize(
    ("url", "size", "shown"),
    [
        (UPLOADED, 100, f"{UPLOADED}/160.webp"),
        (UPLOADED, 321, f"{UPLOADED}/640.webp"),
        (UPLOADED, 9_000, f"{UPLOADED}/2048.webp"),
        (UPLOADED, None, UPLOADED),
        ("/media/demo/caneca.svg", 100, "/media/demo/caneca.svg"),
        ("https://cdn.example/a.jpg", 100, "https://cdn.example/a.jpg"),
    ],
)
def test_uploaded_pictures_come_in_the_size_asked_and_others_as_they_are(
    url: str, size: int | None, shown: str
) -> None:
    assert WIDTHS == library.WIDTHS
    assert sized(url, size) == shown


def _reduced() -> FakeCatalog:
    """The blue cup fell to 79.00 on 20 November; on 1 November it rose from 85.00 to 99.00."""
    blue = msgspec.structs.replace(
        CUP.variants[0],
        prices={"BRL": 7900},
        compare_at={"BRL": 9900},
        price_list=(
            ListPrice(currency="BRL", amount=7000, min_quantity=10),
            ListPrice(currency="BRL", amount=6500, group="friends"),
        ),
    )
    history = tuple(
        PricePoint(sku="CUP-BLUE", currency="BRL", amount=amount, at=f"2026-{day}T00:00:00.000Z")
        for amount, day in ((8500, "09-01"), (9900, "11-01"), (7900, "11-20"))
    )
    cup = msgspec.structs.replace(CUP, variants=(blue, *CUP.variants[1:]), history=history)
    return FakeCatalog((cup, LAMP), CATEGORIES)


async def test_a_reduced_price_says_the_lowest_of_the_30_days_before() -> None:
    shop = GraphShop(catalog=_reduced())
    query = '{ variant(sku: "CUP-BLUE") { price { amount decimal compareAt { ...M } lowestIn30Days { ...M } } } }'
    query += " fragment M on Money { amount currency }"
    assert (await shop.ask(query))["variant"]["price"] == {
        "amount": 7900,
        "decimal": "79.00",
        "compareAt": {"amount": 9900, "currency": "BRL"},
        "lowestIn30Days": {"amount": 8500, "currency": "BRL"},
    }
    plain = await shop.ask('{ variant(sku: "LAMP") { price { compareAt { amount } lowestIn30Days { amount } } } }')
    assert plain["variant"]["price"] == {"compareAt": None, "lowestIn30Days": None}


async def test_prices_are_those_of_the_terms_asked() -> None:
    shop = GraphShop(catalog=_reduced())
    query = (
        '{ variant(sku: "CUP-BLUE") { one: price { amount } ten: price(quantity: 10) { amount } '
        'friend: price(group: "friends") { amount } dollars: price(currency: "USD") { amount } } '
        'product(slug: "cup", currency: "USD") { price { amount currency } variants { price { amount } } } }'
    )
    found = await shop.ask(query, **shop.token("editor", "catalog:manage"))
    assert found["variant"] == {
        "one": {"amount": 7900},
        "ten": {"amount": 7000},
        "friend": {"amount": 6500},
        "dollars": None,
    }
    assert found["product"]["price"] == {"amount": 1990, "currency": "USD"}
    assert found["product"]["variants"] == [{"price": None}, {"price": {"amount": 1990}}, {"price": {"amount": 24690}}]


async def test_texts_are_in_the_language_of_the_argument_else_of_the_header_else_the_shops() -> None:
    shop = GraphShop(catalog=_reduced())
    query = '{ a: product(slug: "cup") { title language } b: product(slug: "cup", language: "pt") { title language } }'
    ours, english = {"title": "Caneca <Aurora>", "language": "pt-BR"}, {"title": "Aurora <Mug>", "language": "en"}
    assert await shop.ask(query) == {"a": ours, "b": ours}
    assert await shop.ask(query, accept_language="en-GB, fr;q=0.5") == {"a": english, "b": ours}


async def test_the_tree_of_shelves_is_walked_both_ways() -> None:
    shop = GraphShop(catalog=_reduced())
    query = (
        '{ categories(language: "en") { title children { slug parent { slug } } } '
        'category(slug: "cups") { ancestors { slug } children { slug } } none: category(slug: "x") { slug } }'
    )
    assert await shop.ask(query) == {
        "categories": [
            {"title": "Table", "children": [{"slug": "cups", "parent": {"slug": "table"}}]},
            {"title": "Light", "children": []},
        ],
        "category": {"ancestors": [{"slug": "table"}], "children": []},
        "none": None,
    }
    assert len(shop.calls["categories"]) == 1


async def test_a_variant_says_what_it_contains_and_a_product_its_tax_code() -> None:
    blue = msgspec.structs.replace(CUP.variants[0], measure=Measure(amount=0.35, unit="l"), cost={"BRL": 1777123})
    shop = GraphShop(
        catalog=FakeCatalog((msgspec.structs.replace(CUP, variants=(blue, CUP.variants[1]), tax_code="6912.00.00"),))
    )
    query = '{ product(slug: "cup") { taxCode variants { measure { amount unit } } } }'
    assert (await shop.ask(query))["product"] == {
        "taxCode": "6912.00.00",
        "variants": [{"measure": {"amount": 0.35, "unit": "l"}}, {"measure": None}],
    }


def test_no_type_has_a_cost() -> None:
    assert not [path for path, _ in fields_of(core_schema()) if "cost" in path.lower()]
