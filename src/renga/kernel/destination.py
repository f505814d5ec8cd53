"""Where goods go, as far as prices, taxes and stock depend on it."""

import re

import msgspec

from renga.kernel.errors import Unprocessable

#: Forms of postal codes, by country; elsewhere a code has letters, digits, blanks and hyphens.
_POSTAL_CODES = {
    "BR": re.compile(r"\d{5}-?\d{3}"),
    "US": re.compile(r"\d{5}(-\d{4})?"),
    "PT": re.compile(r"\d{4}(-\d{3})?"),
    "DE": re.compile(r"\d{5}"),
    "FR": re.compile(r"\d{5}"),
    "ES": re.compile(r"\d{5}"),
    "IT": re.compile(r"\d{5}"),
    "CH": re.compile(r"\d{4}"),
    "JP": re.compile(r"\d{3}-?\d{4}"),
}
_ANY_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z -]{0,18}[0-9A-Za-z]")


class PostalCodeInvalid(Unprocessable):
    code = "postal_code_invalid"
    title = "This is no postal code of the country"


class Destination(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the goods go. ``country`` ISO 3166-1 alpha-2, ``region`` ISO 3166-2 without the country; empty: unknown."""

    country: str = ""
    region: str = ""
    postal_code: str = ""


def checked_destination(destination: Destination, field: str = "postal_code") -> Destination:
    """Returns the destination if its postal code has the form of its country. Raises PostalCodeInvalid, which names ``field``."""
    code, country = destination.postal_code, destination.country
    form = _POSTAL_CODES.get(country, _ANY_CODE)
    if code and not (country and code.isascii() and form.fullmatch(code)):
        where = country or "an unknown country"
        raise PostalCodeInvalid(f"{code[:20]!r} has not the form of a postal code of {where}", field=field)
    return destination
