"""The terms of a sale: their form, and what prices depend on."""

import pytest

from renga.kernel.buyer_terms import BuyerTerms, TermsInvalid, VerifiedFacts, checked_groups, checked_terms
from renga.kernel.money import UnknownCurrency


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (BuyerTerms(currency="BRL", channel=""), "channel"),
        (BuyerTerms(currency="BRL", channel="Web"), "channel"),
        (BuyerTerms(currency="BRL", channel="a|b"), "channel"),
        (BuyerTerms(currency="BRL", country="br"), "country"),
        (BuyerTerms(currency="BRL", country="BRA"), "country"),
        (BuyerTerms(currency="BRL", region="SP"), "region"),
        (BuyerTerms(currency="BRL", country="BR", region="São"), "region"),
    ],
)
def test_malformed_terms_are_refused_with_the_field(terms: BuyerTerms, field: str) -> None:
    with pytest.raises(TermsInvalid) as refused:
        checked_terms(terms)
    assert refused.value.extra["field"] == field


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(UnknownCurrency):
        checked_terms(BuyerTerms(currency="XXX"))


def test_well_formed_terms_are_returned_as_they_are() -> None:
    terms = BuyerTerms(currency="BRL", channel="app-2", country="BR", region="SP")
    assert checked_terms(terms) is terms


def test_groups_are_sorted_and_distinct() -> None:
    assert checked_groups(("trade", "staff", "trade")) == ("staff", "trade")


@pytest.mark.parametrize("codes", [("Trade",), ("a,b",), ("",), tuple(f"g{n}" for n in range(21))])
def test_malformed_groups_are_refused(codes: tuple[str, ...]) -> None:
    with pytest.raises(TermsInvalid) as refused:
        checked_groups(codes)
    assert refused.value.extra["field"] == "groups"


def test_prices_depend_on_channel_and_groups_only() -> None:
    guest = BuyerTerms(currency="BRL", country="BR", language="pt-BR")
    assert guest.price_key == "web"
    known = BuyerTerms(currency="EUR", channel="app", verified=VerifiedFacts(groups=("staff", "trade"), tax_id="1"))
    assert known.price_key == "app|staff,trade"
