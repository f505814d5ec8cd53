"""Formats money, numbers and dates per language (Unicode CLDR); money stays integer."""

from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import NumberPattern, format_decimal, get_currency_symbol, parse_pattern

from renga.kernel.money import Money, exponent
from renga.platform.texts import locale_of

#: No-break space between a symbol and its amount.
_NBSP = "\u00a0"
#: Cached texts: prices, counts and dates repeat across pages, and Babel is slow.
_MONEY_MAX, _NUMBERS_MAX, _DATES_MAX = 16_384, 4_096, 4_096


@lru_cache(maxsize=_MONEY_MAX)
def money_text(money: Money, language: str) -> str:
    pattern = _money_pattern(language, money.currency)
    amount = Decimal(money.amount).scaleb(-exponent(money.currency))
    text: str = pattern.apply(amount, locale_of(language), currency=money.currency, currency_digits=False)
    return text


@lru_cache(maxsize=_NUMBERS_MAX)
def number_text(number: float, language: str) -> str:
    """``1.234,5`` in Portuguese, ``1,234.5`` in English; at most six digits; integers without a fraction."""
    text = f"{number:.0f}" if float(number).is_integer() else f"{number:.6g}"
    return format_decimal(Decimal(text), locale=locale_of(language), decimal_quantization=False)


@lru_cache(maxsize=_NUMBERS_MAX)
def plain_number_text(number: float, language: str) -> str:
    """A number with all digits and no grouping: ``1234,5`` in Portuguese."""
    locale = locale_of(language)
    return format_decimal(Decimal(str(number)), locale=locale, decimal_quantization=False, group_separator=False)


@lru_cache(maxsize=_DATES_MAX)
def date_text(rfc3339: str, language: str) -> str:
    """The date of a time: ``29 de novembro de 2026``, ``November 29, 2026``."""
    return format_date(datetime.fromisoformat(rfc3339).date(), format="long", locale=locale_of(language))


@lru_cache(maxsize=1_024)
def _money_pattern(language: str, currency: str) -> NumberPattern:
    """The language's pattern with the currency's digits, and with the space that Unicode TS 35 requires between letters and
    digits (Babel leaves it out)."""
    locale, digits = locale_of(language), exponent(currency)
    pattern: str = locale.currency_formats["standard"].pattern
    if get_currency_symbol(currency, locale)[-1:].isalpha():
        pattern = pattern.replace("¤#", f"¤{_NBSP}#")
    parsed = parse_pattern(pattern)
    parsed.frac_prec = (digits, digits)
    return parsed
