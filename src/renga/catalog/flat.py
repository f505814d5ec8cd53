"""Pure: turns flat fields (one variant per row, one price with its currency) into the native shape of a product."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from renga.catalog.drafts import RowInvalid
from renga.catalog.limits import NUMBER_MAX
from renga.kernel.errors import Unprocessable
from renga.kernel.money import CURRENCIES, from_decimal

#: What a flat row may have. ``product`` groups the rows of one product; ``variants`` is the native list.
PRODUCT_FIELDS = (
    "slug",
    "external_id",
    "title",
    "description",
    "brand",
    "categories",
    "image",
    "attributes",
    "language",
)
VARIANT_FIELDS = ("sku", "gtin", "options", "price", "prices", "currency", "variant_image")
FLAT_FIELDS = (*PRODUCT_FIELDS, *VARIANT_FIELDS, "product", "variants")

UNITS = ("major", "minor")
DECIMALS = (".", ",")
_AMOUNT_CHARS_MAX = 32
_GROUPED = {
    ".": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z|\d+(?:\.\d+)?\Z", re.ASCII),
    ",": re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?\Z|\d+(?:,\d+)?\Z", re.ASCII),
}


class Amount(NamedTuple):
    """A price as it was found: in ``major`` units (19.99) or ``minor`` ones (1999).

    ``decimal`` is the decimal sign of texts that may also group thousands; None: a plain number.
    """

    value: Any
    unit: str
    decimal: str | None = None


def native_of(flat: Mapping[str, Any]) -> dict[str, Any]:
    """The native row of a flat one. Raises RowInvalid for prices that are no amounts of their currency."""
    native = {name: flat[name] for name in PRODUCT_FIELDS if flat.get(name) is not None}
    if flat.get("variants") is not None:
        native["variants"] = flat["variants"]
        return native
    variant = {name: flat[name] for name in ("sku", "gtin", "options") if flat.get(name) is not None}
    if flat.get("variant_image") is not None:
        variant["image"] = flat["variant_image"]
    variant["prices"] = _prices(flat)
    native["variants"] = [variant]
    return native


def _prices(flat: Mapping[str, Any]) -> Any:
    given = flat.get("prices") or {}
    if not isinstance(given, dict):
        return given
    prices = {c: minor_units(f"prices.{c}", a, c) if isinstance(a, Amount) else a for c, a in given.items()}
    price, currency = flat.get("price"), flat.get("currency")
    if price is not None:
        if currency is None:
            raise RowInvalid([("currency", "is missing, but there is a price")])
        prices[currency] = minor_units("price", price, currency)
    return prices


def minor_units(field: str, amount: Amount, currency: Any) -> int:
    """The amount in minor units. Raises RowInvalid; nothing is rounded."""
    if not isinstance(currency, str) or currency not in CURRENCIES:
        raise RowInvalid([("currency", f"{str(currency)[:20]!r} is not an active currency of ISO 4217")])
    text = _amount_text(amount.value)
    if text is None:
        raise RowInvalid([(field, "must be a number")])
    if amount.unit == "minor":
        if not (text.isascii() and text.removesuffix(".0").isdigit()):
            raise RowInvalid([(field, f"{text!r} must be whole minor units, such as 1999")])
        return int(text.removesuffix(".0"))
    if amount.decimal:
        text = _ungrouped(field, text, amount.decimal)
    try:
        return from_decimal(text, currency).amount
    except Unprocessable as error:
        raise RowInvalid([(field, error.detail + _comma_hint(text))]) from error


def _amount_text(value: Any) -> str | None:
    if (
        isinstance(value, bool)
        or not isinstance(value, str | int | float)
        or (isinstance(value, int) and abs(value) > NUMBER_MAX)
    ):
        return None
    text = value.strip() if isinstance(value, str) else str(value)
    return text if 0 < len(text) <= _AMOUNT_CHARS_MAX else None


def _ungrouped(field: str, text: str, decimal: str) -> str:
    if not _GROUPED[decimal].match(text):
        raise RowInvalid([(field, f"{text!r} is not a number with the decimal sign {decimal!r}")])
    return text.replace("," if decimal == "." else ".", "").replace(",", ".")


def _comma_hint(text: str) -> str:
    return '; a mapping can say decimal = ","' if "," in text else ""
