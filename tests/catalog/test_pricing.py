"""Which price applies: groups, channel, quantity and time; and the rows of prices by quantity that carts use."""

from itertools import pairwise

import hypothesis.strategies as st
import pytest
from hypothesis import given

from renga.domains.catalog.contract import (
    OWN_PRODUCTS,
    WHOLE_CATALOGUE,
    ListPrice,
    PriceTerms,
    Product,
    Variant,
    amount_at,
    check_group_price,
    price_of,
    price_rows,
    sold_in,
)
from renga.domains.catalog.model import offers_of
from renga.kernel.caller import ANONYMOUS, Caller, InsufficientScope

NOW, LATER = "2026-11-01T12:00:00.000Z", "2026-11-02T00:00:00.000Z"
TIMES = ("2026-10-31T00:00:00.000Z", NOW, LATER)

entries = st.builds(
    ListPrice,
    currency=st.sampled_from(["BRL", "USD"]),
    amount=st.integers(0, 30),
    channel=st.sampled_from([None, "web", "app"]),
    group=st.sampled_from([None, "trade", "staff", "gold"]),
    min_quantity=st.integers(1, 6),
    from_at=st.sampled_from([None, *TIMES]),
    until_at=st.sampled_from([None, *TIMES]),
)
variants = st.builds(
    Variant,
    sku=st.just("MUG"),
    prices=st.dictionaries(st.sampled_from(["BRL", "USD"]), st.integers(0, 30)),
    price_list=st.lists(entries, max_size=8).map(tuple),
)
group_sets = st.lists(st.sampled_from(["trade", "staff", "gold"]), unique=True).map(tuple)


def product(variant: Variant) -> Product:
    return Product(
        id="1", slug="mug", version=1, title={}, variants=(variant,), created_at=NOW, updated_at=NOW, channels=("app",)
    )


@given(variants, st.sampled_from(["web", "app"]), group_sets, st.sampled_from(TIMES))
def test_rows_say_for_each_quantity_what_the_price_is(
    variant: Variant, channel: str, groups: tuple[str, ...], at: str
) -> None:
    (offer,) = offers_of(product(variant))
    for currency in ("BRL", "USD", "EUR"):
        rows = price_rows(offer, channel, groups, currency, at)
        for quantity in range(1, 9):
            terms = PriceTerms(currency=currency, at=at, channel=channel, groups=groups, quantity=quantity)
            price = price_of(variant, terms)
            assert amount_at(rows, quantity) == (None if price is None else price.amount)
        assert [least for least, _ in rows] == sorted({least for least, _ in rows})
        assert all(one[1] != other[1] for one, other in pairwise(rows))
        if currency in variant.prices:
            assert rows[0][0] == 1


@given(variants, group_sets)
def test_the_order_of_groups_does_not_matter(variant: Variant, groups: tuple[str, ...]) -> None:
    def price(some: tuple[str, ...]) -> object:
        return price_of(variant, PriceTerms(currency="BRL", at=NOW, groups=some, quantity=3))

    assert price(groups) == price(groups[::-1])


def test_rows_of_each_buyer() -> None:
    variant = Variant(
        sku="MUG",
        prices={"BRL": 1000},
        price_list=(
            ListPrice(currency="BRL", amount=900, min_quantity=10),
            ListPrice(currency="BRL", amount=800, group="trade"),
            ListPrice(currency="BRL", amount=850, group="staff"),
            ListPrice(currency="BRL", amount=700, group="trade", min_quantity=10),
            ListPrice(currency="USD", amount=150, channel="app", min_quantity=5),
            ListPrice(currency="BRL", amount=600, from_at=LATER),
        ),
    )
    (offer,) = offers_of(product(variant))
    assert price_rows(offer, "web", (), "BRL", NOW) == ((1, 1000), (10, 900))
    assert price_rows(offer, "web", ("staff",), "BRL", NOW) == ((1, 850),)
    assert price_rows(offer, "web", ("staff", "trade"), "BRL", NOW) == ((1, 800), (10, 700))
    assert price_rows(offer, "web", ("unknown",), "BRL", LATER) == ((1, 600), (10, 900))
    assert price_rows(offer, "web", (), "USD", NOW) == ()
    assert price_rows(offer, "app", (), "USD", NOW) == ((5, 150),)
    assert (amount_at(((5, 150),), 4), amount_at(((5, 150),), 5)) == (None, 150)


def test_without_conditions_the_offers_prices_are_the_rows() -> None:
    (offer,) = offers_of(product(Variant(sku="MUG", prices={"BRL": 0})))
    assert (offer.plain_prices, price_rows(offer, "app", ("trade",), "BRL", NOW)) == ({}, ((1, 0),))


def test_an_offer_says_where_it_is_sold() -> None:
    (offer,) = offers_of(product(Variant(sku="MUG")))
    assert (sold_in(offer, "app"), sold_in(offer, "web")) == (True, False)


@pytest.mark.parametrize(
    "caller",
    [
        Caller("ana"),  # in the group
        Caller("boss", frozenset({WHOLE_CATALOGUE})),
        Caller("seller", frozenset({OWN_PRODUCTS}), frozenset({"m-1"})),
        Caller("importer", frozenset({OWN_PRODUCTS}), program=True),
    ],
)
def test_the_price_of_a_group_is_for_its_customers_the_merchant_and_managers(caller: Caller) -> None:
    check_group_price(caller, ("trade",) if caller.subject == "ana" else (), "trade", "m-1")


@pytest.mark.parametrize(
    "caller",
    [
        ANONYMOUS,
        Caller("ana"),
        Caller("seller", frozenset({OWN_PRODUCTS}), frozenset({"m-2"})),
        Caller("member", frozenset({"cart"}), frozenset({"m-1"})),
        Caller("service", frozenset({"cart"}), program=True),
    ],
)
def test_the_price_of_a_group_is_refused_to_all_others(caller: Caller) -> None:
    with pytest.raises(InsufficientScope):
        check_group_price(caller, ("staff",), "trade", "m-1")
