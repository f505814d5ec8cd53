"""Money and dates as each language writes them."""

import pytest

from renga.frontends.web.formats import date_text, money_text
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
