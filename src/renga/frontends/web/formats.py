"""Money and dates as a reader of each language writes them; money stays integer all the way."""

from datetime import datetime

from renga.kernel.money import Money, exponent

#: The space between a symbol and its amount must not break.
_NBSP = "\u00a0"

#: Unicode CLDR: symbols by language; a currency that is missing shows its ISO code.
_SYMBOLS = {
    "pt-BR": {"BRL": "R$", "USD": "US$", "EUR": "€", "GBP": "£", "JPY": "JP¥"},
    "en": {"BRL": "R$", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"},
}
#: Language to (thousands separator, decimal separator).
_SEPARATORS = {"pt-BR": (".", ","), "en": (",", ".")}

_MONTHS = {
    "pt-BR": [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}


def money_text(money: Money, language: str) -> str:
    thousands, point = _SEPARATORS[language]
    digits = exponent(money.currency)
    whole, rest = divmod(abs(money.amount), 10**digits)
    number = f"{whole:,}".replace(",", thousands)
    if digits:
        number += f"{point}{rest:0{digits}d}"
    symbol = _SYMBOLS[language].get(money.currency)
    glue = "" if symbol and language == "en" else _NBSP
    return f"{'-' if money.amount < 0 else ''}{symbol or money.currency}{glue}{number}"


def number_text(number: float, language: str) -> str:
    """``1.234,5`` in Portuguese, ``1,234.5`` in English; whole numbers without a fraction."""
    thousands, point = _SEPARATORS[language]
    text = f"{number:,.0f}" if float(number).is_integer() else f"{number:,.6g}"
    return text.translate({ord(","): thousands, ord("."): point})


def date_text(rfc3339: str, language: str) -> str:
    """The day of a moment: ``29 de novembro de 2026``, ``November 29, 2026``."""
    day = datetime.fromisoformat(rfc3339)
    month = _MONTHS[language][day.month - 1]
    return f"{day.day} de {month} de {day.year}" if language == "pt-BR" else f"{month} {day.day}, {day.year}"
