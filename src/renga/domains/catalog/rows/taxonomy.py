"""Pure: reads rows of categories, collections and product types, or reports the problem of each field."""

import math
from collections.abc import Mapping
from typing import Any, cast, get_args

from renga.domains.catalog.contract import (
    AttributeKind,
    AttributeType,
    Category,
    Collection,
    Condition,
    EnumOption,
    ProductType,
    Rule,
    TaxonomyInvalid,
    Texts,
)
from renga.domains.catalog.contract.rules import OPS, condition_problem
from renga.domains.catalog.model import limits
from renga.domains.catalog.model.naming import is_slug
from renga.domains.catalog.rows.reading import Reading, kind_of
from renga.domains.catalog.rows.selling import seo_of

POSITION_MAX = 1_000_000
KINDS: tuple[str, ...] = get_args(AttributeKind)
_SHELF = ("slug", "title", "description", "image", "seo", "language", "version")
_ATTRIBUTE = ("code", "kind", "title", "unit", "options", "multiple", "localised", "required", "axis", "facet")


def category_of(slug: str, row: Mapping[str, Any]) -> Category:
    """Raises TaxonomyInvalid."""
    reading = _reading(slug, row, (*_SHELF, "position", "parent"))
    category = Category(
        slug=slug,
        title=_title(reading, row.get("title")),
        description=reading.texts("description", row.get("description"), limits.DESCRIPTION_CHARS_MAX),
        position=reading.integer("position", row.get("position"), POSITION_MAX) or 0,
        parent=_slug(reading, "parent", row.get("parent")),
        image=reading.image("image", row.get("image")),
        seo=seo_of(reading, row.get("seo")),
    )
    _check(reading)
    return category


def collection_of(slug: str, row: Mapping[str, Any]) -> Collection:
    """Raises TaxonomyInvalid."""
    reading = _reading(slug, row, (*_SHELF, "rule", "products"))
    rule = None if row.get("rule") is None else _rule(reading, row["rule"])
    if rule is not None and row.get("products"):
        reading.problem("products", "is there beside rule; a collection is gathered by one of them")
    collection = Collection(
        slug=slug,
        title=_title(reading, row.get("title")),
        description=reading.texts("description", row.get("description"), limits.DESCRIPTION_CHARS_MAX),
        image=reading.image("image", row.get("image")),
        seo=seo_of(reading, row.get("seo")),
        rule=rule,
        products=_products(reading, row.get("products")),
    )
    _check(reading)
    return collection


def product_type_of(code: str, row: Mapping[str, Any]) -> ProductType:
    """Raises TaxonomyInvalid."""
    reading = Reading(row.get("language"))
    reading.known("product type", row, ("code", "title", "attributes", "language", "version"))
    if reading.code("code", code) is None or row.get("code") not in (None, code):
        reading.problem("code", f"{str(row.get('code', code))[:60]!r} is not the code of this product type")
    names: dict[str, AttributeType] = {}
    entries = reading.entries("attributes", row.get("attributes"), limits.ATTRIBUTE_TYPES_MAX, _ATTRIBUTE)
    for at, one in entries:
        attribute = _attribute(reading, at, one)
        if attribute.code in names:
            reading.problem(f"{at}.code", f"{attribute.code!r} is there twice")
        names[attribute.code] = attribute
    made = ProductType(code=code, title=_title(reading, row.get("title")), attributes=tuple(names.values()))
    _check(reading)
    return made


def _attribute(reading: Reading, at: str, row: Mapping[str, Any]) -> AttributeType:
    code = reading.code(f"{at}.code", row.get("code"))
    if code is None and not reading.has_problem(f"{at}.code"):
        reading.problem(f"{at}.code", "is missing")
    kind = reading.choice(f"{at}.kind", row.get("kind"), KINDS) or "text"
    options = _options(reading, f"{at}.options", row.get("options"))
    if (kind == "enum") != bool(options):
        reading.problem(f"{at}.options", "must be there for an enum, and only for one")
    unit = reading.text(f"{at}.unit", row.get("unit"), limits.CODE_CHARS_MAX)
    if unit and kind != "number":
        reading.problem(f"{at}.unit", "is for numbers only")
    return AttributeType(
        code=code or "",
        kind=cast(AttributeKind, kind),
        title=reading.texts(f"{at}.title", row.get("title"), limits.TITLE_CHARS_MAX),
        unit=unit,
        options=options,
        **{name: reading.boolean(f"{at}.{name}", row.get(name)) for name in _ATTRIBUTE[5:]},
    )


def _options(reading: Reading, field: str, value: Any) -> tuple[EnumOption, ...]:
    found: dict[str, EnumOption] = {}
    for at, row in reading.entries(field, value, limits.ENUM_OPTIONS_MAX, ("code", "title")):
        code = reading.code(f"{at}.code", row.get("code"))
        if code is None or code in found:
            reading.problem(f"{at}.code", "is missing" if code is None else f"{code!r} is there twice")
            continue
        found[code] = EnumOption(
            code=code, title=reading.texts(f"{at}.title", row.get("title"), limits.OPTION_CHARS_MAX)
        )
    return tuple(found.values())


def _rule(reading: Reading, value: Any) -> Rule:
    if not reading.known("rule", value, ("match", "conditions")):
        return Rule()
    match = reading.choice("rule.match", value.get("match"), ("all", "any")) or "all"
    conditions = []
    entries = reading.entries(
        "rule.conditions", value.get("conditions"), limits.CONDITIONS_MAX, ("field", "op", "value")
    )
    for at, row in entries:
        field = reading.text(f"{at}.field", row.get("field"), limits.ATTRIBUTE_NAME_CHARS_MAX) or ""
        op = reading.choice(f"{at}.op", row.get("op"), OPS)
        if op is None or not _keeps(row.get("value")):
            reading.problem(at, "needs an op and a value that is a text, a number, true/false or a list of texts")
            continue
        condition = Condition(field=field, op=cast(Any, op), value=row["value"])
        if reason := condition_problem(condition):
            reading.problem(at, reason)
        conditions.append(condition)
    if not conditions and not reading.problems:
        reading.problem("rule.conditions", "is missing: a rule has at least one condition")
    return Rule(match=cast(Any, match), conditions=tuple(conditions))


def _keeps(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= limits.CONDITION_VALUES_MAX and all(isinstance(one, str) for one in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str | bool) or (isinstance(value, int) and abs(value) <= limits.NUMBER_MAX)


def _products(reading: Reading, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple) or not all(isinstance(slug, str) and is_slug(slug) for slug in value):
        reading.problem("products", "must be a list of slugs")
        return ()
    if len(value) > limits.COLLECTION_PRODUCTS_MAX:
        reading.problem("products", f"has {len(value)} entries; at most {limits.COLLECTION_PRODUCTS_MAX} are allowed")
    return tuple(dict.fromkeys(value))


def _reading(slug: str, row: Mapping[str, Any], names: tuple[str, ...]) -> Reading:
    if not isinstance(row, dict):
        raise TaxonomyInvalid([("", f"must be an object, not {kind_of(row)}")])
    reading = Reading(row.get("language"))
    reading.known("row", row, names)
    if not is_slug(slug) or row.get("slug") not in (None, slug):
        reading.problem("slug", f"{str(row.get('slug', slug))[:60]!r} is not a slug, or not that of this one")
    return reading


def _slug(reading: Reading, field: str, value: Any) -> str | None:
    slug = reading.text(field, value, limits.SLUG_CHARS_MAX)
    if slug and not is_slug(slug):
        reading.problem(field, f"{slug[:60]!r} is not a slug")
    return slug


def _title(reading: Reading, value: Any) -> Texts:
    title = reading.texts("title", value, limits.TITLE_CHARS_MAX)
    if not title and not reading.has_problem("title"):
        reading.problem("title", "is missing")
    return title


def _check(reading: Reading) -> None:
    if reading.problems:
        raise TaxonomyInvalid(reading.problems)
