"""Pure: reads rows without a mapping: native names, and common other names that are unambiguous."""

from collections.abc import Mapping
from typing import Any

from renga.domains.catalog.contract import RowInvalid
from renga.domains.catalog.rows.flat import FLAT_FIELDS, PRODUCT_FIELDS, Amount

#: Other names of each field; the first one in the row is used.
_ALIASES = {
    "title": ("title", "name"),
    "description": ("description", "short_description"),
    "gtin": ("gtin", "ean", "barcode", "upc"),
    "image": ("image", "image_url"),
    "categories": ("categories", "category"),
}
_IMAGE_SIZES = ("high", "large", "full", "medium", "low", "small", "thumb")
#: A CSV column such as ``title.en`` or ``prices.BRL`` is an entry of these.
_NESTED = ("title", "description", "attributes", "options", "prices", "compare_at", "cost", "measure")
_LIST_SIGN = "|"
_NAME_CHARS_SHOWN = 60


def flat_of(row: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """The flat fields of a row, and its unknown names. Raises RowInvalid."""
    row = _nested(row)
    flat: dict[str, Any] = {}
    taken: set[str] = set()
    for target in FLAT_FIELDS:
        source = next((name for name in _ALIASES.get(target, (target,)) if row.get(name) is not None), None)
        if source is not None:
            flat[target] = row[source]
            taken.add(source)
    taken |= _price(row, flat)
    if "image" not in flat and (image := _image(row.get("images"))):
        flat["image"] = image
        taken.add("images")
    if isinstance(gtin := flat.get("gtin"), list):
        flat["gtin"] = gtin[0] if gtin else None
    if isinstance(names := flat.get("categories"), str):
        flat["categories"] = names.split(_LIST_SIGN)
    if "variants" in flat and (doubled := sorted(taken - {"variants", "product", *_product_names()})):
        raise RowInvalid([(doubled[0], "belongs into the variants, since the row has a list of those")])
    unknown = {name[:_NAME_CHARS_SHOWN] for name in row.keys() - taken if row[name] is not None}
    return flat, unknown


def _product_names() -> set[str]:
    return {alias for field in PRODUCT_FIELDS for alias in _ALIASES.get(field, (field,))} | {"images"}


def _price(row: Mapping[str, Any], flat: dict[str, Any]) -> set[str]:
    """``price`` is in major units (19.99), ``price_minor`` and ``prices`` in minor ones (1999)."""
    taken = set()
    for name in ("prices", "compare_at", "cost"):
        if isinstance(prices := flat.get(name), dict):
            flat[name] = {c: Amount(a, "minor") if isinstance(a, str) else a for c, a in prices.items()}
    if row.get("price_minor") is not None:
        if row.get("price") is not None:
            raise RowInvalid([("price", "is there beside price_minor; a mapping must say which one counts")])
        flat["price"] = Amount(row["price_minor"], "minor")
        taken.add("price_minor")
    elif row.get("price") is not None:
        flat["price"] = Amount(row["price"], "major")
    return taken


def _image(images: Any) -> Any:
    if isinstance(images, list):
        return images[0] if images else None
    if isinstance(images, dict):
        return next((images[size] for size in _IMAGE_SIZES if images.get(size)), None)
    return images


def _nested(row: Mapping[str, Any]) -> dict[str, Any]:
    """``{"title.en": "Mug"}`` → ``{"title": {"en": "Mug"}}``."""
    if not any("." in name for name in row):
        return dict(row)
    found: dict[str, Any] = {}
    for name, value in row.items():
        field, _, entry = name.partition(".")
        if not entry or field not in _NESTED:
            found[name] = value
        elif field in row:
            raise RowInvalid([(name, f"is there beside {field}; only one of them can count")])
        else:
            found.setdefault(field, {})[entry] = value
    return found
