"""Pure: reads the variants of a native row, with their prices, parts and options."""

from typing import Any, cast, get_args

from renga.domains.catalog.contract import Availability, BundlePart, ListPrice, Texts, Variant
from renga.domains.catalog.model import limits
from renga.domains.catalog.model.naming import is_slug, slugify
from renga.domains.catalog.rows.measures import measure_of
from renga.domains.catalog.rows.reading import Reading, kind_of

VARIANT_FIELDS = (
    "sku",
    "options",
    "gtin",
    "prices",
    "image",
    "compare_at",
    "price_list",
    "weight_g",
    "availability",
    "bundle",
    "digital",
    "measure",
    "cost",
)
AVAILABILITIES: tuple[str, ...] = get_args(Availability)
_PRICE_FIELDS = ("currency", "amount", "compare_at", "channel", "group", "min_quantity", "from_at", "until_at")
_PLAIN = frozenset(VARIANT_FIELDS[:5])


def variants_of(reading: Reading, value: Any) -> tuple[Variant, ...]:
    if not isinstance(value, list | tuple) or not value:
        reading.problem("variants", "is missing: a product has at least one variant with a sku")
        return ()
    if len(value) > limits.VARIANTS_MAX:
        reading.problem("variants", f"has {len(value)} entries; at most {limits.VARIANTS_MAX} are allowed")
        return ()
    found = []
    seen: set[str] = set()
    for index, row in enumerate(value):
        variant = _variant(reading, f"variants[{index}].", row)
        if variant and variant.sku in seen:
            reading.problem(f"variants[{index}].sku", f"{variant.sku!r} is there twice in this product")
        if variant:
            seen.add(variant.sku)
            found.append(variant)
    return tuple(found)


def _variant(reading: Reading, at: str, row: Any) -> Variant | None:
    if not isinstance(row, dict):
        reading.problem(at.rstrip("."), f"must be a variant, not {kind_of(row)}")
        return None
    reading.unknown(at.rstrip("."), row, VARIANT_FIELDS, "a variant")
    sku = reading.sku(f"{at}sku", row.get("sku"))
    if sku is None:
        if not reading.has_problem(f"{at}sku"):
            reading.problem(f"{at}sku", "is missing")
        return None
    return Variant(
        sku=sku,
        options=_options(reading, f"{at}options", row.get("options")),
        gtin=reading.gtin(f"{at}gtin", row.get("gtin")),
        prices=reading.prices(f"{at}prices", row.get("prices")),
        image=reading.image(f"{at}image", row.get("image")),
        **({} if row.keys() <= _PLAIN else _more(reading, at, sku, row)),
    )


def _more(reading: Reading, at: str, sku: str, row: dict[str, Any]) -> dict[str, Any]:
    """The rarely used members of a variant."""
    availability = reading.choice(f"{at}availability", row.get("availability"), AVAILABILITIES)
    return {
        "compare_at": reading.prices(f"{at}compare_at", row.get("compare_at")),
        "price_list": _price_list(reading, f"{at}price_list", row.get("price_list")),
        "weight_g": reading.integer(f"{at}weight_g", row.get("weight_g"), limits.WEIGHT_G_MAX, "grams"),
        "availability": cast(Availability, availability or "in_stock"),
        "bundle": _bundle(reading, f"{at}bundle", row.get("bundle"), sku),
        "digital": reading.boolean(f"{at}digital", row.get("digital")),
        "measure": measure_of(reading, f"{at}measure", row.get("measure")),
        "cost": reading.prices(f"{at}cost", row.get("cost")),
    }


def _price_list(reading: Reading, field: str, value: Any) -> tuple[ListPrice, ...]:
    found = []
    for at, row in reading.entries(field, value, limits.PRICE_LIST_MAX, _PRICE_FIELDS):
        amount = reading.amount(f"{at}.amount", row.get("amount"))
        if amount is None and not reading.has_problem(f"{at}.amount"):
            reading.problem(f"{at}.amount", "is missing")
        quantity = reading.integer(f"{at}.min_quantity", row.get("min_quantity"), limits.QUANTITY_MAX, "pieces", 1)
        from_at, until_at = read_span(reading, at, row)
        found.append(
            ListPrice(
                currency=reading.currency(f"{at}.currency", row.get("currency")),
                amount=amount or 0,
                compare_at=reading.amount(f"{at}.compare_at", row.get("compare_at")),
                channel=reading.code(f"{at}.channel", row.get("channel")),
                group=reading.text(f"{at}.group", row.get("group"), limits.CODE_CHARS_MAX),
                min_quantity=1 if quantity is None else quantity,
                from_at=from_at,
                until_at=until_at,
            )
        )
    return tuple(found)


def read_span(reading: Reading, at: str, row: dict[str, Any]) -> tuple[str | None, str | None]:
    """``from_at`` and ``until_at``, which must come later."""
    from_at = reading.moment(f"{at}.from_at", row.get("from_at"))
    until_at = reading.moment(f"{at}.until_at", row.get("until_at"))
    if from_at and until_at and until_at <= from_at:
        reading.problem(f"{at}.until_at", f"{until_at} is not after {from_at}")
    return from_at, until_at


def _bundle(reading: Reading, field: str, value: Any, sku: str) -> tuple[BundlePart, ...]:
    found: dict[str, BundlePart] = {}
    for at, row in reading.entries(field, value, limits.BUNDLE_PARTS_MAX, ("sku", "quantity")):
        part = reading.sku(f"{at}.sku", row.get("sku")) or ""
        quantity = reading.integer(f"{at}.quantity", row.get("quantity"), limits.QUANTITY_MAX, "pieces", 1)
        if not part and not reading.has_problem(f"{at}.sku"):
            reading.problem(f"{at}.sku", "is missing")
        if part == sku:
            reading.problem(f"{at}.sku", "a bundle cannot be a part of itself")
        if part in found:
            reading.problem(f"{at}.sku", f"{part!r} is there twice in this bundle")
        found[part] = BundlePart(sku=part, quantity=1 if quantity is None else quantity)
    return tuple(found.values())


def _options(reading: Reading, field: str, value: Any) -> dict[str, Texts]:
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > limits.OPTIONS_MAX:
        reading.problem(field, f"must be at most {limits.OPTIONS_MAX} codes with their values")
        return {}
    found = {}
    for code, text in value.items():
        if not is_slug(slugify(code)) or slugify(code) != code.replace("_", "-"):
            reading.problem(f"{field}.{code[:40]}", "must be named by lower-case letters, digits and hyphens")
        elif texts := reading.texts(f"{field}.{code}", text, limits.OPTION_CHARS_MAX):
            found[code] = texts
    return found
