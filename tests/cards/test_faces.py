"""Card numbers at GraphQL, in rows of the catalogue and on pages: free text is refused, skus and article numbers are not."""

import json

import pytest

from renga.domains.catalog.contract import CardNumberInRow
from renga.domains.catalog.rows.drafts import draft_of
from tests.bff.shop import GraphShop

VISA, EAN = "4242424242424242", "4006381333931"


async def _codes(shop: GraphShop, query: str, variables: object = None) -> list[str]:
    answer = await shop.post(query, variables)
    assert VISA not in answer.text
    return [str(error["extensions"]["code"]) for error in answer.json().get("errors", ())]


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (f'{{ variant(sku: "{VISA}") {{ sku }} }}', None),
        ("query A($sku: ID!) { variant(sku: $sku) { sku } }", {"sku": VISA}),
        (f'{{ product(slug: "mug-{EAN}") {{ slug }} }}', None),
        ("query A($t: String) { product(slug: $t) { slug } }", {"t": EAN}),
    ],
)
async def test_graphql_takes_skus_and_article_numbers(query: str, variables: object) -> None:
    assert await _codes(GraphShop(), query, variables) == []


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (f'{{ product(slug: "{VISA}") {{ slug }} }}', None),
        ("query A($sku: ID!) { variant(sku: $sku) { sku } }", {"sku": "MUG", "more": VISA}),
        ("query A($sku: String) { product(slug: $sku) { slug } }", {"sku": VISA}),
        (f'{{ variant(sku: "MUG") {{ sku }} }} # {VISA}', None),
    ],
)
async def test_graphql_refuses_all_other_texts(query: str, variables: object) -> None:
    shop = GraphShop()
    assert await _codes(shop, query, variables) == ["card_number_refused"]
    assert shop.calls == {}


def _row(**more: object) -> dict[str, object]:
    variants = [{"sku": VISA, "gtin": EAN, "prices": {"BRL": 1_999}}]
    return {"slug": "mug", "title": "Mug", "external_id": VISA, "variants": variants, **more}


def test_a_row_may_have_identifiers_and_amounts_that_look_like_cards() -> None:
    (variant,) = draft_of(_row(attributes={"code": 4_242_424_242_424_242, "ean": EAN})).variants
    assert (variant.sku, variant.gtin) == (VISA, EAN)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": f"Mug {VISA}"}, "title"),
        ({"description": {"en": f"call 4242 4242 4242 4242 {EAN}"}}, "description.en"),
        ({"attributes": {"note": VISA}}, "attributes.note"),
        ({"unknown": {"deep": [VISA]}}, "unknown.deep[0]"),
        ({"brand": "\ud800", "title": VISA}, "title"),
    ],
)
def test_a_row_with_a_number_in_a_text_is_refused(more: dict[str, object], field: str) -> None:
    with pytest.raises(CardNumberInRow) as refused:
        draft_of(_row(**more))
    assert [name for name, _ in refused.value.problems] == [field]
    assert refused.value.code == "card_number_refused"
    assert VISA not in json.dumps(refused.value.extra)
