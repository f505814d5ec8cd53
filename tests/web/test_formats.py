"""Money and dates as each language writes them."""

import pytest

from renga.frontends.web.formats import date_text, money_text, number_text, plain_number_text
from renga.kernel.money import Money


@pytest.mark.parametrize(
    ("amount", "currency", "portuguese", "english"),
    [
        (123456, "BRL", "R$\u00a01.234,56", "R$1,234.56"),
        (123456, "USD", "US$\u00a01.234,56", "$1,234.56"),
        (5, "USD", "US$\u00a00,05", "$0.05"),
        (1234567, "JPY", "JP¥\u00a01.234.567", "¥1,234,567"),
        (1234567, "KWD", "KWD\u00a01.234,567", "KWD\u00a01,234.567"),
        (-990, "BRL", "-R$\u00a09,90", "-R$9.90"),
        (0, "EUR", "€\u00a00,00", "€0.00"),
        (9_007_199_254_740_991, "BRL", "R$\u00a090.071.992.547.409,91", "R$90,071,992,547,409.91"),
    ],
)
def test_money_is_written_as_the_language_does(amount: int, currency: str, portuguese: str, english: str) -> None:
    assert money_text(Money(amount, currency), "pt-BR") == portuguese
    assert money_text(Money(amount, currency), "en") == english


def test_a_date_is_written_as_the_language_does() -> None:
    assert date_text("2026-11-29T03:04:05.123Z", "pt-BR") == "29 de novembro de 2026"
    assert date_text("2026-11-29T03:04:05.123Z", "en") == "November 29, 2026"


@pytest.mark.parametrize(
    ("number", "portuguese", "english"),
    [
        (0, "0", "0"),
        (1234.5, "1.234,5", "1,234.5"),
        (1234567, "1.234.567", "1,234,567"),
        (0.5, "0,5", "0.5"),
        (-1234.25, "-1.234,25", "-1,234.25"),
        (1 / 3, "0,333333", "0.333333"),
        (9_007_199_254_740_991, "9.007.199.254.740.991", "9,007,199,254,740,991"),
    ],
)
def test_a_number_is_written_as_the_language_does(number: float, portuguese: str, english: str) -> None:
    assert (number_text(number, "pt-BR"), number_text(number, "en")) == (portuguese, english)


def test_an_attribute_keeps_all_its_digits_without_groups() -> None:
    assert (plain_number_text(1234.0625, "pt-BR"), plain_number_text(1234.0625, "en")) == ("1234,0625", "1234.0625")


@pytest.mark.parametrize(
    ("language", "money", "number", "day"),
    [
        ("es", "1.234.567,50\u00a0US$", "1.234,5", "29 de noviembre de 2026"),
        ("ja", "$1,234,567.50", "1,234.5", "2026年11月29日"),
        ("hi", "$12,34,567.50", "1,234.5", "29 नवंबर 2026"),
        ("pl", "1\u00a0234\u00a0567,50\u00a0USD", "1\u00a0234,5", "29 listopada 2026"),
    ],
)
def test_any_language_of_unicode_cldr_has_its_own_way(language: str, money: str, number: str, day: str) -> None:
    assert money_text(Money(123456750, "USD"), language) == money
    assert number_text(1234.5, language) == number
    assert date_text("2026-11-29T03:04:05.123Z", language) == day


def test_every_amount_of_the_shops_currencies_is_written_as_in_the_time_before_unicode_cldr() -> None:
    for amount in (*range(-1_200, 1_200, 7), *(10**n + n for n in range(15)), *(-(10**n) for n in range(15))):
        whole, cents = divmod(abs(amount), 100)
        english, sign = f"{whole:,}.{cents:02d}", "-" if amount < 0 else ""
        portuguese = english.translate({ord(","): ".", ord("."): ","})
        for currency, symbol, symbol_en in (("BRL", "R$", "R$"), ("USD", "US$", "$")):
            assert money_text(Money(amount, currency), "pt-BR") == f"{sign}{symbol}\u00a0{portuguese}"
            assert money_text(Money(amount, currency), "en") == f"{sign}{symbol_en}{english}"
