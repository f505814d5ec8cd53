"""Pure: converts a product row in the native format to a Draft, or reports the problem of each field."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast, get_args

import msgspec

from renga.domains.catalog.contract import AttributeValue, ProductType, RowInvalid, Status, Texts
from renga.domains.catalog.model import Draft, limits
from renga.domains.catalog.model.naming import is_slug, slugify
from renga.domains.catalog.rows.card_numbers import check_row
from renga.domains.catalog.rows.reading import Reading, digits_as_text, kind_of, text_problem
from renga.domains.catalog.rows.selling import media_of, publications_of, scheduled_of, seo_of, tax_code_of
from renga.domains.catalog.rows.typing import typed_attributes, typed_variants
from renga.domains.catalog.rows.variants import variants_of

#: Members that only native rows have; see also ``flat.PRODUCT_FIELDS``.
NATIVE_FIELDS = (
    "merchant",
    "type",
    "status",
    "media",
    "seo",
    "tax_category",
    "shipping_class",
    "publications",
    "scheduled",
    "tax_code",
)
NO_TYPES: Mapping[str, ProductType] = MappingProxyType({})
STATES: tuple[str, ...] = get_args(Status)


def draft_of(row: Mapping[str, Any], types: Mapping[str, ProductType] = NO_TYPES) -> Draft:
    """The draft of a native row, checked by its product type if it has one.

    Raises RowInvalid with all problems, CardNumberInRow.
    """
    check_row(row)
    reading = Reading(row.get("language"))
    title = reading.texts("title", row.get("title"), limits.TITLE_CHARS_MAX)
    if not title and not reading.has_problem("title"):
        reading.problem("title", "is missing")
    slug = _slug(reading, row, title)
    taxonomy = _taxonomy(reading, row.get("categories"))
    draft = Draft(
        slug=slug,
        title=title,
        description=reading.texts("description", row.get("description"), limits.DESCRIPTION_CHARS_MAX),
        brand=reading.text("brand", row.get("brand"), limits.BRAND_CHARS_MAX),
        categories=tuple(taxonomy),
        image=reading.image("image", row.get("image")),
        variants=variants_of(reading, row.get("variants")),
        attributes=_attributes(reading, row.get("attributes")) if row.get("type") is None else {},
        taxonomy=taxonomy,
    )
    if any(row.get(name) is not None for name in NATIVE_FIELDS):
        draft = _completed(reading, draft, row, types)
    if reading.problems:
        raise RowInvalid(reading.problems)
    return draft


def _completed(reading: Reading, draft: Draft, row: Mapping[str, Any], types: Mapping[str, ProductType]) -> Draft:
    """The draft with the rarely used members."""
    media = media_of(reading, row.get("media"))
    code = reading.code("type", row.get("type"))
    draft = msgspec.structs.replace(
        draft,
        merchant=reading.text("merchant", row.get("merchant"), limits.MERCHANT_CHARS_MAX),
        type=code,
        status=cast(Status | None, reading.choice("status", row.get("status"), STATES)),
        image=draft.image or next((one.url for one in media if one.kind == "image"), None),
        media=media,
        seo=seo_of(reading, row.get("seo")),
        tax_category=reading.code("tax_category", row.get("tax_category")),
        shipping_class=reading.code("shipping_class", row.get("shipping_class")),
        tax_code=tax_code_of(reading, row.get("tax_code")),
        publications=publications_of(reading, row.get("publications")),
        scheduled=scheduled_of(reading, row.get("scheduled"), {variant.sku for variant in draft.variants}),
    )
    if code is None:
        return draft
    if code not in types:
        if not reading.has_problem("type"):
            reading.problem("type", f"there is no product type {code!r}")
        return draft
    return msgspec.structs.replace(
        draft,
        attributes=typed_attributes(reading, row.get("attributes"), types[code]),
        variants=typed_variants(reading, draft.variants, types[code]),
    )


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


def _taxonomy(reading: Reading, value: Any) -> dict[str, Texts]:
    """Categories by slug; a name that is not a slug is slugified and is the title if the category is created."""
    if value is None:
        return {}
    if isinstance(value, list | tuple) and len(value) > limits.CATEGORIES_MAX:
        reading.problem("categories", f"has {len(value)} entries; at most {limits.CATEGORIES_MAX} are allowed")
        return {}
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        reading.problem("categories", "must be a list of texts")
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
        trimmed = name.strip()
        if not trimmed or len(name) > limits.ATTRIBUTE_NAME_CHARS_MAX or text_problem(name):
            reading.problem(
                "attributes", f"{name[:60]!r} is not a name of 1 to {limits.ATTRIBUTE_NAME_CHARS_MAX} characters"
            )
        elif isinstance(one, str):
            if text := reading.text(f"attributes.{name}", one, limits.ATTRIBUTE_CHARS_MAX):
                found[trimmed] = text
        elif isinstance(one, bool):
            found[trimmed] = one
        elif isinstance(one, int | float):
            if abs(one) > limits.NUMBER_MAX or not math.isfinite(one):
                reading.problem(f"attributes.{name}", "is a number too large to keep exactly")
            found[trimmed] = one
        elif one is not None:
            reading.problem(f"attributes.{name}", f"must be a text, a number or true/false, not {kind_of(one)}")
    return found
