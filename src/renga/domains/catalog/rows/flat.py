"""Pure: converts flat fields (one variant per row, one price with its currency) to the native row of a product."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from renga.domains.catalog.contract import RowInvalid
from renga.domains.catalog.model.limits import NUMBER_MAX
from renga.domains.catalog.rows.drafts import NATIVE_FIELDS
from renga.domains.catalog.rows.measures import told_measure
from renga.kernel.errors import Unprocessable
from renga.kernel.money import CURRENCIES, from_decimal

#: The fields of a flat row. ``product`` groups the rows of one product; ``variants`` is the native list.
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
    *NATIVE_FIELDS,
)
_PLAIN_VARIANT_FIELDS = ("sku", "gtin", "options", "compare_at", "price_list", "availability", "bundle", "cost")
VARIANT_FIELDS = (
    *_PLAIN_VARIANT_FIELDS,
    "price",
    "prices",
    "currency",
    "variant_image",
    "weight_g",
    "digital",
    "measure",
)
FLAT_FIELDS = (*PRODUCT_FIELDS, *VARIANT_FIELDS, "product", "variants")

UNITS = ("major", "minor")
DECIMALS = (".", ",")
_AMOUNT_CHARS_MAX = 32
_GROUPED = {
    ".": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z|\d+(?:\.\d+)?\Z", re.ASCII),
    ",": re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?\Z|\d+(?:,\d+)?\Z", re.ASCII),
}


class Amount(NamedTuple):
    """A price as read: in ``major`` units (19.99) or ``minor`` ones (1999).

    ``decimal`` is the decimal sign of texts that may also group thousands; None: a plain number.
    """

    value: Any
    unit: str
    decimal: str | None = None


def native_of(flat: Mapping[str, Any]) -> dict[str, Any]:
    """The native row of a flat one. Raises RowInvalid for prices that are not valid amounts of their currency."""
    native = {name: flat[name] for name in PRODUCT_FIELDS if flat.get(name) is not None}
    if flat.get("variants") is not None:
        native["variants"] = flat["variants"]
        return native
    variant = {name: flat[name] for name in _PLAIN_VARIANT_FIELDS if flat.get(name) is not None}
    for name in ("compare_at", "cost"):
        if isinstance(variant.get(name), dict):
            variant[name] = _in_minor_units(name, variant[name])
    if flat.get("measure") is not None:
        variant["measure"] = told_measure(flat["measure"])
    for name in ("weight_g", "digital"):
        if flat.get(name) is not None:
            variant[name] = _told(flat[name])
    if flat.get("variant_image") is not None:
        variant["image"] = flat["variant_image"]
    variant["prices"] = _prices(flat)
    native["variants"] = [variant]
    return native


def _prices(flat: Mapping[str, Any]) -> Any:
    given = flat.get("prices") or {}
    if not isinstance(given, dict):
        return given
    prices = _in_minor_units("prices", given)
    price, currency = flat.get("price"), flat.get("currency")
    if price is not None:
        if currency is None:
            raise RowInvalid([("currency", "is missing, but there is a price")])
        prices[currency] = minor_units("price", price, currency)
    return prices


def _in_minor_units(field: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return {c: minor_units(f"{field}.{c}", a, c) if isinstance(a, Amount) else a for c, a in given.items()}


def _told(value: Any) -> Any:
    """A number or boolean that is a text in a CSV file."""
    text = value.strip().lower() if isinstance(value, str) else ""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _AMOUNT_CHARS_MAX else value


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
