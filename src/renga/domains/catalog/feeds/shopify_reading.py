"""Reads Shopify's product CSV: the rows of one handle become one product with its variants and pictures."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from renga.domains.catalog.contract import ProductType, RowInvalid
from renga.domains.catalog.feeds.file_rows import Row
from renga.domains.catalog.feeds.formulas import unescaped
from renga.domains.catalog.feeds.grouping import Candidate
from renga.domains.catalog.feeds.outcomes import RowProblem
from renga.domains.catalog.feeds.plain_text import plain_text
from renga.domains.catalog.feeds.shopify import ONLY_OPTION, ONLY_VALUE
from renga.domains.catalog.feeds.shopify_columns import OPTIONS_MAX, present_name
from renga.domains.catalog.model.naming import gtin_problem, slugify
from renga.domains.catalog.rows.drafts import NO_TYPES, draft_of
from renga.domains.catalog.rows.flat import Amount, minor_units
from renga.domains.catalog.rows.measures import MEASURE_UNITS, told_measure
from renga.domains.catalog.rows.selling import is_tax_code

#: Rows of one product: its variants and its pictures.
GROUP_ROWS_MAX = 2_000
_CODE_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")


class ShopifyTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What such a file does not contain: the language of its texts, the currency of its prices.

    Pictures below ``own_url`` are the shop's own and are stored as paths. ``merchant`` is the products' merchant, None: the
    current one, or the shop itself. ``always``: read the file as Shopify's whatever its header is.
    """

    language: str = "pt-BR"
    currency: str = "BRL"
    own_url: str = ""
    merchant: str | None = None
    always: bool = False


def shopify_candidates(
    rows: Iterable[Row], terms: ShopifyTerms, types: Mapping[str, ProductType] = NO_TYPES
) -> Iterator[Candidate]:
    """One candidate per product. Rows of one handle must be consecutive, as Shopify writes them."""
    group: list[tuple[Row, dict[str, str]]] = []
    for row in rows:
        cells = _present(row.fields or {})
        if group and not _belongs(row, cells, group):
            yield _candidate(group, terms, types)
            group = []
        group.append((row, cells))
    if group:
        yield _candidate(group, terms, types)


def _present(fields: Mapping[str, Any]) -> dict[str, str]:
    named = ((present_name(column), str(value)) for column, value in fields.items())
    return {name: unescaped(name, cell) for name, cell in named if name is not None}


def _belongs(row: Row, cells: dict[str, str], group: list[tuple[Row, dict[str, str]]]) -> bool:
    """An unreadable row between rows of a product belongs to it."""
    if len(group) >= GROUP_ROWS_MAX:
        return False
    handle = group[0][1].get("URL handle")
    return row.fields is None or (handle is not None and cells.get("URL handle") == handle)


def _candidate(
    group: list[tuple[Row, dict[str, str]]], terms: ShopifyTerms, types: Mapping[str, ProductType]
) -> Candidate:
    first, last = group[0][0], group[-1][0]
    made = Candidate(first.first, last.last, len(group))
    made.problems = [RowProblem(row.first, "", row.reason) for row, _ in group if row.fields is None]
    if made.problems:
        return made
    try:
        made.draft = draft_of(_native([cells for _, cells in group], terms), types)
    except RowInvalid as invalid:
        made.fail(first.first, invalid)
    return made


def _native(rows: list[dict[str, str]], terms: ShopifyTerms) -> dict[str, Any]:
    head = rows[0]
    title = head.get("Title", "")
    handle = head.get("URL handle") or slugify(title)
    names = [head.get(f"Option{number} name", "") for number in range(1, OPTIONS_MAX + 1)]
    variants = [row for row in rows if _is_variant(row)] or [head]
    pictures = _pictures(rows, terms)
    native: dict[str, Any] = {
        "slug": slugify(handle),
        "language": terms.language,
        "title": title,
        "description": plain_text(head.get("Description", "")),
        "brand": head.get("Vendor"),
        "categories": [head["Type"]] if head.get("Type") else [],
        "attributes": _attributes(head, variants),
        "image": pictures[0]["url"] if pictures else None,
        "media": pictures,
        "seo": {"title": head.get("SEO title"), "description": head.get("SEO description")},
        "status": _status(head),
        "merchant": terms.merchant,
        "tax_code": code if is_tax_code(code := head.get("Tax code", "").strip()) else None,
        "variants": [_variant(row, names, handle, terms) for row in variants],
    }
    return {name: value for name, value in native.items() if value not in (None, [], {})}


def _is_variant(row: Mapping[str, str]) -> bool:
    """Is it a variant, and not only a further picture?"""
    return any(row.get(column) for column in ("SKU", "Price", "Option1 value"))


def _status(head: Mapping[str, str]) -> str:
    """Active but not published is not sold, so it becomes a draft."""
    status = head.get("Status", "active").strip().lower()
    if status == "active" and head.get("Published on online store", "true").strip().lower() == "false":
        return "draft"
    return status


def _attributes(head: Mapping[str, str], variants: list[dict[str, str]]) -> dict[str, str]:
    found = {"tags": head.get("Tags"), "product_category": head.get("Product category")}
    if len(variants) == 1 and (barcode := variants[0].get("Barcode")) and gtin_problem(barcode.strip()):
        found["barcode"] = barcode
    return {name: value for name, value in found.items() if value}


def _pictures(rows: list[dict[str, str]], terms: ShopifyTerms) -> list[dict[str, Any]]:
    """Sorted by position; those without one come last, in the order of the rows."""
    found = [(_position(row), row) for row in rows if row.get("Product image URL")]
    found.sort(key=lambda pair: pair[0])
    made = []
    for _, row in found:
        picture: dict[str, Any] = {"url": _own(row["Product image URL"], terms)}
        if row.get("Image alt text"):
            picture["alt"] = {terms.language: row["Image alt text"]}
        made.append(picture)
    return made


def _position(row: Mapping[str, str]) -> int:
    text = row.get("Image position", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 10**6


def _variant(row: dict[str, str], names: list[str], handle: str, terms: ShopifyTerms) -> dict[str, Any]:
    options, values = {}, []
    for number, name in enumerate(names, 1):
        value = row.get(f"Option{number} value", "")
        if not name or not value or (name == ONLY_OPTION and value == ONLY_VALUE):
            continue
        options[_code(name)] = {terms.language: value}
        values.append(value)
    made: dict[str, Any] = {
        "sku": row.get("SKU", "") or slugify(" ".join((handle, *values))).upper(),
        "options": options,
        "prices": _price(row, "Price", terms.currency),
        "compare_at": _price(row, "Compare-at price", terms.currency),
        "cost": _price(row, "Cost per item", terms.currency),
        "measure": _measure(row),
        "availability": _availability(row),
        "digital": row.get("Requires shipping", "true").strip().lower() == "false",
    }
    if (barcode := row.get("Barcode", "").strip()) and gtin_problem(barcode) is None:
        made["gtin"] = barcode
    if row.get("Variant image URL"):
        made["image"] = _own(row["Variant image URL"], terms)
    if (weight := _grams(row.get("Weight value (grams)", ""))) is not None:
        made["weight_g"] = weight
    return {name: value for name, value in made.items() if value not in (None, {}, False)}


def _code(name: str) -> str:
    """The code of an option's name; a valid code is returned unchanged."""
    return name if set(name) <= _CODE_CHARACTERS and slugify(name) else slugify(name)


def _price(row: Mapping[str, str], column: str, currency: str) -> dict[str, int]:
    text = row.get(column, "").strip()
    return {currency: minor_units(column, Amount(text, "major"), currency)} if text else {}


def _measure(row: Mapping[str, str]) -> dict[str, Any] | None:
    """Units that the catalogue does not have, and zero, mean that there is none."""
    unit = row.get("Unit price total measure unit", "").strip().lower()
    told = told_measure(f"{row.get('Unit price total measure', '').strip()} {unit}")
    return told if unit in MEASURE_UNITS and isinstance(told, dict) and told["amount"] else None


def _availability(row: Mapping[str, str]) -> str:
    """Untracked stock counts as in stock."""
    quantity = row.get("Inventory quantity", "").strip()
    if not row.get("Inventory tracker") or not quantity or not quantity.lstrip("-").isdigit() or int(quantity) > 0:
        return "in_stock"
    ordered = row.get("Continue selling when out of stock", "").strip().lower() in ("continue", "true")
    return "backorder" if ordered else "out_of_stock"


def _grams(text: str) -> int | None:
    """Whole grams; Shopify writes ``250`` or ``250.0``. Zero means unknown."""
    try:
        grams = round(float(text)) if text.strip() else 0
    except (ValueError, OverflowError):
        raise RowInvalid([("Weight value (grams)", f"{text[:20]!r} is not a number of grams")]) from None
    return grams if grams > 0 else None


def _own(url: str, terms: ShopifyTerms) -> str:
    own = terms.own_url.rstrip("/")
    return url[len(own) :] if own and url.startswith(f"{own}/") else url
