"""Random shops for hypothesis: offers, promotions of every kind, carts, tax rules."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from renga.domains.pricing.contract import (
    LineToPrice,
    OfferFacts,
    PriceRow,
    PricingPolicy,
    Promotion,
    ShippingCharge,
    TaxRate,
    TaxTables,
    TaxZone,
)

SKUS = ("a", "b", "c", "d", "e")
MERCHANTS = ("house", "anna")
CURRENCY = "BRL"


def _offer(
    sku: str, amount: int, category: str, merchant: str, breaks: list[tuple[int, int]], cost: int | None
) -> OfferFacts:
    # a break whose price for all units is less than what fewer units cost would rightly lower the total
    rows = [PriceRow(amount=amount), *(PriceRow(amount=max(1, amount - off), min_quantity=n) for n, off in breaks)]
    return OfferFacts(
        sku=sku, title=sku, product_id=f"p-{sku}", merchant=merchant, rows=tuple(rows), categories=(category,),
        brand=category.upper(), tax_category=category, cost=cost,
    )  # fmt: skip


def _offers(breaks: st.SearchStrategy[list[tuple[int, int]]]) -> st.SearchStrategy[list[OfferFacts]]:
    return st.tuples(
        *(
            st.builds(
                _offer, st.just(sku), st.integers(0, 3000), st.sampled_from(("standard", "reduced")),
                st.sampled_from(MERCHANTS), breaks, st.none() | st.integers(0, 2000),
            )
            for sku in SKUS
        )
    ).map(list)  # fmt: skip


#: One offer for each of SKUS.
offers = _offers(st.lists(st.tuples(st.integers(2, 6), st.integers(1, 500)), max_size=1))
plain_offers = _offers(st.just([]))

lines = st.lists(
    st.tuples(st.sampled_from(SKUS), st.sampled_from((1000, 2000, 3000, 5000, 250, 1333))), min_size=1, max_size=7
).map(lambda pairs: [LineToPrice(line=f"l{n}", sku=sku, quantity_milli=q) for n, (sku, q) in enumerate(pairs)])

whole_lines = st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 6)), min_size=1, max_size=6).map(
    lambda pairs: [LineToPrice(line=f"l{n}", sku=sku, quantity_milli=1000 * q) for n, (sku, q) in enumerate(pairs)]
)

_amounts = st.integers(0, 3000).map(lambda amount: {CURRENCY: amount})
_points = st.sampled_from((1, 333, 1000, 5000, 10_000))
_skus = st.lists(st.sampled_from(SKUS), min_size=1, max_size=3)


def _typed(kind: str, **members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(kind), **members})


actions = st.one_of(
    _typed("percent", basis_points=_points),
    _typed("amount", amounts=_amounts, per=st.sampled_from(("order", "unit"))),
    _typed("fixed_price", amounts=_amounts),
    _typed("buy_x_get_y", buy=st.integers(1, 3), get=st.integers(1, 2), basis_points=_points),
    _typed("buy_x_get_y", buy=st.integers(1, 2), of=_skus.map(lambda skus: [{"type": "variants", "skus": skus}])),
    _typed("cheapest_free", every=st.integers(2, 4), free=st.just(1)),
    _typed(
        "tiers",
        tiers=st.just([{"quantity": 2, "basis_points": 500}, {"quantity": 4, "off": {CURRENCY: 700}}]),
    ),
    _typed("bundle_price", parts=_skus.map(lambda skus: [{"sku": sku} for sku in skus]), amounts=_amounts),
    _typed("free_shipping"),
    _typed("reduced_shipping", basis_points=_points),
    _typed("gift", sku=st.sampled_from(SKUS)),
)

conditions = st.one_of(
    _typed("variants", skus=_skus),
    _typed("categories", categories=st.sampled_from((["standard"], ["reduced"]))),
    _typed("brands", brands=st.just(["STANDARD"]), exclude=st.booleans()),
    _typed("quantity", at_least=st.integers(1, 4)),
    _typed(
        "subtotal",
        at_least=_amounts,
        when=st.sampled_from(("before_discounts", "after_discounts")),
        of=st.sampled_from(("order", "selected")),
    ),
)


def _promotions(members: list[dict[str, Any]]) -> list[Promotion]:
    named = [{"id": f"p{n}", "name": f"P{n}", **one} for n, one in enumerate(members)]
    return [msgspec.convert(one, Promotion) for one in named]


limits: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    _amounts.map(lambda most: {"amount_max": most}),
    st.just({"applications_max": 1}),
    st.just({"margin_basis_points_min": 1000}),
)

promotions = st.lists(
    st.fixed_dictionaries(
        {
            "conditions": st.lists(conditions, max_size=2),
            "actions": st.lists(actions, min_size=1, max_size=2),
            "group": st.sampled_from(("combinable", "best_deal", "exclusive")),
            "priority": st.integers(0, 2),
            "limits": limits,
            "merchant": st.sampled_from((None, None, *MERCHANTS)),
        }
    ),
    max_size=6,
).map(_promotions)

shipping = st.lists(st.tuples(st.integers(0, 2500), st.sampled_from((None, *MERCHANTS))), max_size=2).map(
    lambda pairs: [
        ShippingCharge(id=f"d{n}", option="standard", title="Standard", amount=amount, merchant=merchant)
        for n, (amount, merchant) in enumerate(pairs)
    ]
)

policies = st.builds(
    PricingPolicy,
    prices_include_tax=st.booleans(),
    tax_rounding=st.sampled_from(("order", "line")),
    shipping_tax=st.sampled_from(("dearest_line", "proportional", "fixed")),
)


def _tables(rates: list[tuple[str, int]]) -> TaxTables:
    return TaxTables(
        zones=(TaxZone(id="BR", countries=("BR",)),),
        rates=tuple(
            TaxRate(zone="BR", category=category, name=f"tax{n}", rate_ppm=ppm)
            for n, (category, ppm) in enumerate(rates)
        ),
    )


tables = st.lists(
    st.tuples(
        st.sampled_from(("standard", "reduced", "shipping")), st.sampled_from((0, 50_000, 88_750, 190_000, 333_333))
    ),
    max_size=5,
).map(_tables)
