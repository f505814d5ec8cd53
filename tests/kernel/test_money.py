"""Money: nothing is lost when it is split, nothing is rounded when it is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga.kernel.errors import Unprocessable
from renga.kernel.money import AMOUNT_MAX, CURRENCIES, Money, UnknownCurrency, exponent, from_decimal

AMOUNTS = st.integers(-AMOUNT_MAX, AMOUNT_MAX)
WEIGHTS = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(lambda weights: sum(weights) > 0)


@given(AMOUNTS, WEIGHTS)
def test_the_parts_of_an_allocation_sum_to_the_whole(amount: int, weights: list[int]) -> None:
    parts = Money(amount, "BRL").allocate(weights)
    assert sum(part.amount for part in parts) == amount
    assert len(parts) == len(weights)
    assert {part.currency for part in parts} == {"BRL"}


@given(AMOUNTS, WEIGHTS)
def test_each_part_is_within_one_minor_unit_of_its_share_and_has_the_sign_of_the_whole(
    amount: int, weights: list[int]
) -> None:
    total = sum(weights)
    for part, weight in zip(Money(amount, "BRL").allocate(weights), weights, strict=True):
        assert abs(part.amount * total - amount * weight) < total
        assert part.amount * amount >= 0
        assert weight or part.amount == 0


@given(AMOUNTS, WEIGHTS)
def test_a_refund_is_allocated_as_its_payment_was(amount: int, weights: list[int]) -> None:
    paid = Money(amount, "BRL").allocate(weights)
    assert Money(-amount, "BRL").allocate(weights) == [part * -1 for part in paid]


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (5, [3, 7], [2, 3]),  # shares of 1.5 and 3.5: equal remainders, the earlier part is served first
        (10, [1, 2, 4], [1, 3, 6]),  # shares of 1.43, 2.86 and 5.71: the two largest remainders are served
        (2, [0, 1, 0, 1, 1], [0, 1, 0, 1, 0]),
        (0, [5, 1], [0, 0]),
        (7, [4], [7]),
    ],
)
def test_what_is_left_over_goes_to_the_largest_remainders_and_then_to_the_earlier_part(
    amount: int, weights: list[int], parts: list[int]
) -> None:
    assert [part.amount for part in Money(amount, "BRL").allocate(weights)] == parts


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1], [3, -1]])
def test_weights_that_are_all_zero_or_negative_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights must be non-negative and not all zero"):
        Money(100, "BRL").allocate(weights)


@given(AMOUNTS, st.sampled_from(["BRL", "JPY", "KWD", "CLF"]))
def test_a_decimal_reads_back_as_the_same_amount(amount: int, currency: str) -> None:
    money = Money(amount, currency)
    assert from_decimal(money.decimal(), currency) == money


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1999, "BRL", "19.99"),
        (-5, "BRL", "-0.05"),
        (500, "JPY", "500"),
        (-500, "JPY", "-500"),
        (1, "KWD", "0.001"),
        (123456, "CLF", "12.3456"),
        (0, "USD", "0.00"),
    ],
)
def test_an_amount_is_written_with_the_digits_of_its_currency(amount: int, currency: str, text: str) -> None:
    assert Money(amount, currency).decimal() == text


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("19.9", "BRL", 1990),
        ("19", "BRL", 1900),
        ("19.990", "BRL", 1999),
        (" 19.99 ", "BRL", 1999),
        (" -1.5", "BRL", -150),
        ("007", "BRL", 700),
        ("500.00", "JPY", 500),
        ("1.5", "KWD", 1500),
        ("0.0001", "CLF", 1),
        ("-0", "BRL", 0),
        ("90071992547409.91", "BRL", AMOUNT_MAX),
        ("0" * 5_000 + "1.00", "BRL", 100),
    ],
)
def test_a_decimal_in_major_units_is_read(text: str, currency: str, amount: int) -> None:
    assert from_decimal(text, currency) == Money(amount, currency)


@pytest.mark.parametrize(
    ("text", "currency"), [("19.999", "BRL"), ("0.5", "JPY"), ("1.0001", "KWD"), ("1.00001", "CLF")]
)
def test_more_digits_than_the_currency_has_are_refused_and_not_rounded(text: str, currency: str) -> None:
    with pytest.raises(Unprocessable, match=f"more than {exponent(currency)} digits after the point"):
        from_decimal(text, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        ".5",
        "-",
        "--5",
        "+5",
        "1,99",
        "1.2.3",
        "1e3",
        "0x1f",
        "NaN",
        "inf",
        "1_000",
        "١٢",
        "²",
        "1. 5",
        "R$ 5",
    ],
)
def test_what_is_not_a_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(Unprocessable, match="is not a decimal number such as"):
        from_decimal(text, "BRL")


@pytest.mark.parametrize("text", ["90071992547409.92", "9" * 5_000, "-" + "9" * 5_000])
def test_an_amount_that_not_every_reader_keeps_exactly_is_refused(text: str) -> None:
    with pytest.raises(Unprocessable, match="more than an amount may be"):
        from_decimal(text, "BRL")


@pytest.mark.parametrize("currency", ["brl", "XXX", "", "BR", "XAU", "R$"])
def test_a_currency_that_is_not_of_iso_4217_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency) as refused:
        exponent(currency)
    assert refused.value.code == "currency_unknown"
    assert refused.value.extra == {"currency": currency}


def test_every_currency_has_three_capitals_and_from_zero_to_four_digits() -> None:
    assert {exponent(currency) for currency in CURRENCIES} == {0, 2, 3, 4}
    assert all(len(currency) == 3 and currency.isascii() and currency.isupper() for currency in CURRENCIES)


def test_money_is_added_and_multiplied_in_one_currency_only() -> None:
    assert Money(150, "BRL") + Money(50, "BRL") - Money(1, "BRL") == Money(199, "BRL")
    assert Money(150, "BRL") * 3 == Money(450, "BRL")
    with pytest.raises(ValueError, match="cannot mix BRL and USD"):
        Money(1, "BRL") + Money(1, "USD")
    with pytest.raises(ValueError, match="cannot mix BRL and USD"):
        Money(1, "BRL") - Money(1, "USD")
