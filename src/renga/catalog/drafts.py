"""Pure: reads an incoming product row in the native format into a Draft, or says what is wrong with each field."""

import math
from collections.abc import Mapping
from typing import Any

from renga.catalog import limits
from renga.catalog.contract import AttributeValue, Texts, Variant
from renga.catalog.model import Draft, is_slug, slugify
from renga.catalog.reading import Reading, digits_as_text, kind_of, text_problem
from renga.kernel.errors import Unprocessable

FIELDS = (
    "slug",
    "title",
    "description",
    "brand",
    "categories",
    "image",
    "attributes",
    "variants",
    "language",
    "external_id",
)
VARIANT_FIELDS = ("sku", "options", "gtin", "prices", "image")


class RowInvalid(Unprocessable):
    """``problems`` names each wrong field with the reason: ``[(field, reason), …]``."""

    code = "product_invalid"
    title = "The product is not valid"

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        field, reason = problems[0]
        super().__init__(f"{field}: {reason}", problems=[{"field": f, "reason": r} for f, r in problems])
        self.problems = problems


def draft_of(row: Mapping[str, Any]) -> Draft:
    """The product that a native row describes. Raises RowInvalid with everything that is wrong."""
    reading = Reading(row.get("language"))
    title = reading.texts("title", row.get("title"), limits.TITLE_CHARS_MAX)
    if not title and not reading.has_problem("title"):
        reading.problem("title", "is missing")
    slug = _slug(reading, row, title)
    shelves = _shelves(reading, row.get("categories"))
    draft = Draft(
        slug=slug,
        title=title,
        description=reading.texts("description", row.get("description"), limits.DESCRIPTION_CHARS_MAX),
        brand=reading.text("brand", row.get("brand"), limits.BRAND_CHARS_MAX),
        categories=tuple(shelves),
        image=reading.image("image", row.get("image")),
        variants=_variants(reading, row.get("variants")),
        attributes=_attributes(reading, row.get("attributes")),
        shelves=shelves,
    )
    if reading.problems:
        raise RowInvalid(reading.problems)
    return draft


def _slug(reading: Reading, row: Mapping[str, Any], title: Texts) -> str:
    """The explicit slug, else the external id's, else the title's (in its first language)."""
    explicit = reading.text("slug", row.get("slug"), limits.SLUG_CHARS_MAX)
    if explicit is not None:
        if not is_slug(explicit):
            reading.problem("slug", f"{explicit[:60]!r} must be lower-case letters a-z, digits and single hyphens")
        return explicit
    if reading.has_problem("slug"):
        return ""
    external = reading.text("external_id", digits_as_text(row.get("external_id")), limits.TITLE_CHARS_MAX)
    slug = slugify(external or next(iter(title.values()), ""))
    if not slug and (external or title):
        reading.problem("slug", "cannot be made of the title, which has no Latin letter or digit; give a slug")
    return slug


def _shelves(reading: Reading, value: Any) -> dict[str, Texts]:
    """Categories by slug; a name that is no slug yet becomes one and stays the title of a new category."""
    if value is None:
        return {}
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        reading.problem("categories", "must be a list of texts")
        return {}
    if len(value) > limits.CATEGORIES_MAX:
        reading.problem("categories", f"has {len(value)} entries; at most {limits.CATEGORIES_MAX} are allowed")
        return {}
    found: dict[str, Texts] = {}
    for name in filter(None, (name.strip() for name in value)):
        slug = slugify(name)
        if not slug or text_problem(name) or len(name) > limits.TITLE_CHARS_MAX:
            reading.problem("categories", f"{name[:60]!r} is not the name of a category")
            continue
        title = slug.replace("-", " ").capitalize() if is_slug(name) else name
        found.setdefault(slug, {reading.language: title})
    return found


def _attributes(reading: Reading, value: Any) -> dict[str, AttributeValue]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        reading.problem("attributes", f"must be names with values, not {kind_of(value)}")
        return {}
    if len(value) > limits.ATTRIBUTES_MAX:
        reading.problem("attributes", f"has {len(value)} entries; at most {limits.ATTRIBUTES_MAX} are allowed")
        return {}
    found: dict[str, AttributeValue] = {}
    for name, one in value.items():
        if not name.strip() or len(name) > limits.ATTRIBUTE_NAME_CHARS_MAX or text_problem(name):
            reading.problem(
                "attributes", f"{name[:60]!r} is not a name of 1 to {limits.ATTRIBUTE_NAME_CHARS_MAX} characters"
            )
        elif isinstance(one, str):
            if text := reading.text(f"attributes.{name}", one, limits.ATTRIBUTE_CHARS_MAX):
                found[name.strip()] = text
        elif isinstance(one, bool):
            found[name.strip()] = one
        elif isinstance(one, int | float):
            if abs(one) > limits.NUMBER_MAX or not math.isfinite(one):
                reading.problem(f"attributes.{name}", "is a number too large to keep exactly")
            found[name.strip()] = one
        elif one is not None:
            reading.problem(f"attributes.{name}", f"must be a text, a number or true/false, not {kind_of(one)}")
    return found


def _variants(reading: Reading, value: Any) -> tuple[Variant, ...]:
    if not isinstance(value, list | tuple) or not value:
        reading.problem("variants", "is missing: a product has at least one variant with a sku")
        return ()
    if len(value) > limits.VARIANTS_MAX:
        reading.problem("variants", f"has {len(value)} entries; at most {limits.VARIANTS_MAX} are allowed")
        return ()
    found = []
    seen: set[str] = set()
    for index, row in enumerate(value):
        variant = _variant(reading, f"variants[{index}]." if len(value) > 1 else "", row)
        if variant and variant.sku in seen:
            reading.problem("sku", f"{variant.sku!r} is there twice in this product")
        if variant:
            seen.add(variant.sku)
            found.append(variant)
    return tuple(found)


def _variant(reading: Reading, at: str, row: Any) -> Variant | None:
    if not isinstance(row, dict):
        reading.problem(at.rstrip(".") or "variants", f"must be a variant, not {kind_of(row)}")
        return None
    for name in row.keys() - set(VARIANT_FIELDS):
        reason = f"{name[:40]!r} is not a field of a variant; those are {', '.join(VARIANT_FIELDS)}"
        reading.problem(at.rstrip(".") or "variants", reason)
    sku = reading.text(f"{at}sku", digits_as_text(row.get("sku")), limits.SKU_CHARS_MAX)
    if sku is None:
        if not reading.has_problem(f"{at}sku"):
            reading.problem(f"{at}sku", "is missing")
        return None
    if any(c in sku for c in "\n\r\t"):
        reading.problem(f"{at}sku", "has a line break or a tab in it")
    return Variant(
        sku=sku,
        options=_options(reading, f"{at}options", row.get("options")),
        gtin=reading.gtin(f"{at}gtin", row.get("gtin")),
        prices=reading.prices(f"{at}prices", row.get("prices")),
        image=reading.image(f"{at}image", row.get("image")),
    )


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
