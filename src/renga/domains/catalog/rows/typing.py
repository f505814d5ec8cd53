"""Pure: reads the attributes and options of a product by its product type."""

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from renga.domains.catalog.contract import AttributeType, AttributeValue, ProductType, Texts, Variant
from renga.domains.catalog.model import limits
from renga.domains.catalog.model.naming import is_slug
from renga.domains.catalog.rows.reading import Reading, kind_of
from renga.domains.catalog.rows.units import converted

#: A number in a text: ``350``, ``1.5 kg``.
_MEASURE = re.compile(r"(-?[0-9]{1,15}(?:\.[0-9]{1,15})?) ?([A-Za-z%°µ/²³]{0,20})\Z")
_TRUTHS = {"true": True, "false": False}


def typed_attributes(reading: Reading, value: Any, product_type: ProductType) -> dict[str, AttributeValue]:
    """The attributes converted by the type; a problem's field is ``attributes.<code>``."""
    if value is not None and not isinstance(value, dict):
        reading.problem("attributes", f"must be names with values, not {kind_of(value)}")
        return {}
    given: Mapping[str, Any] = value or {}
    types = {one.code: one for one in product_type.attributes if not one.axis}
    for name in given.keys() - types.keys():
        reading.problem(f"attributes.{name[:60]}", f"is not an attribute of the product type {product_type.code!r}")
    found: dict[str, AttributeValue] = {}
    for code, one in types.items():
        field = f"attributes.{code}"
        read = None if given.get(code) is None else _value(reading, field, given[code], one)
        if read is not None and read != {} and read != []:
            found[code] = read
        elif one.required and not reading.has_problem(field):
            reading.problem(field, f"is missing: a product of the type {product_type.code!r} has it")
    return found


def typed_variants(reading: Reading, variants: tuple[Variant, ...], product_type: ProductType) -> tuple[Variant, ...]:
    """The variants with their options converted by the type's axes; without axes options are free."""
    axes = {one.code: one for one in product_type.attributes if one.axis}
    if not axes:
        return variants
    found = []
    for index, variant in enumerate(variants):
        at = f"variants[{index}].options" if len(variants) > 1 else "options"
        options = _options(reading, at, variant.options, axes)
        found.append(msgspec.structs.replace(variant, options=options))
    return tuple(found)


def _options(
    reading: Reading, at: str, options: Mapping[str, Texts], axes: Mapping[str, AttributeType]
) -> dict[str, Texts]:
    for code in options.keys() - axes.keys():
        reading.problem(f"{at}.{code}", f"is not an option of this product type; those are {', '.join(axes)}")
    found = {}
    for code, axis in axes.items():
        if code in options:
            found[code] = _axis(reading, f"{at}.{code}", options[code], axis)
        elif axis.required:
            reading.problem(f"{at}.{code}", "is missing")
    return found


def _axis(reading: Reading, field: str, texts: Texts, axis: AttributeType) -> Texts:
    """The value of an axis; the code of an enum option is replaced by its title."""
    if axis.kind != "enum":
        return texts
    for option in axis.options:
        title = option.title or {reading.language: option.code}
        if texts == title or set(texts.values()) == {option.code}:
            return title
    _unknown(reading, field, next(iter(texts.values()), ""), axis)
    return texts


def _value(reading: Reading, field: str, value: Any, one: AttributeType) -> AttributeValue | None:
    match one.kind:
        case "number":
            return _number(reading, field, value, one)
        case "boolean":
            return _boolean(reading, field, value)
        case "enum":
            return _enum(reading, field, value, one)
        case "date":
            return _date(reading, field, value)
        case "reference":
            return _reference(reading, field, value)
    if one.localised:
        return reading.texts(field, value, limits.ATTRIBUTE_CHARS_MAX)
    return reading.text(field, value, limits.ATTRIBUTE_CHARS_MAX)


def _number(reading: Reading, field: str, value: Any, one: AttributeType) -> int | float | None:
    """350, ``"350 ml"`` or ``{"value": 0.35, "unit": "l"}``; a number alone is in the attribute's unit."""
    number, unit = value, one.unit
    if isinstance(value, dict) and value.keys() == {"value", "unit"}:
        number, unit = value["value"], value["unit"]
    elif isinstance(value, str) and (match := _MEASURE.match(value.strip())):
        number, unit = msgspec.json.decode(_plain_number(match[1])), match[2] or one.unit
    if isinstance(number, bool) or not isinstance(number, int | float):
        reading.problem(field, f"must be a number{one.unit and ' of '}{one.unit or ''}, not {kind_of(value)}")
        return None
    if not math.isfinite(number) or abs(number) > limits.NUMBER_MAX:
        reading.problem(field, "is a number too large to keep exactly")
        return None
    if unit == one.unit:
        return number
    made = converted(number, str(unit), one.unit) if one.unit is not None else None
    if made is None:
        reading.problem(
            field, f"is in {str(unit)[:20]!r}, which cannot be turned into {one.unit or 'a plain number'!r}"
        )
    elif abs(made) > limits.NUMBER_MAX:
        reading.problem(field, "is a number too large to keep exactly")
    else:
        return made
    return None


def _plain_number(text: str) -> str:
    """``007.5`` → ``7.5``, as in JSON."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, dot, part = digits.partition(".")
    return f"{sign}{whole.lstrip('0') or '0'}{dot}{part}"


def _boolean(reading: Reading, field: str, value: Any) -> bool | None:
    truth = _TRUTHS.get(value.strip().lower()) if isinstance(value, str) else value
    if not isinstance(truth, bool):
        reading.problem(field, f"must be true or false, not {kind_of(value)}")
        return None
    return truth


def _enum(reading: Reading, field: str, value: Any, one: AttributeType) -> str | list[str] | None:
    given = value if isinstance(value, list) else [value]
    if isinstance(value, list) and not one.multiple:
        reading.problem(field, "must be one code, not a list")
        return None
    if len(given) > limits.ENUM_VALUES_MAX:
        reading.problem(field, f"has {len(given)} entries; at most {limits.ENUM_VALUES_MAX} are allowed")
        return None
    known = {option.code for option in one.options}
    for code in given:
        if not isinstance(code, str) or code not in known:
            _unknown(reading, field, code, one)
            return None
    return list(dict.fromkeys(given)) if one.multiple else given[0]


def _unknown(reading: Reading, field: str, code: Any, one: AttributeType) -> None:
    shown = ", ".join(option.code for option in one.options[:20])
    reading.problem(field, f"{str(code)[:40]!r} is none of its options: {shown}")


def _date(reading: Reading, field: str, value: Any) -> str | None:
    try:
        if isinstance(value, str) and len(value) == len("2026-11-25"):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    reading.problem(field, f"{str(value)[:40]!r} is not a day such as 2026-11-25")
    return None


def _reference(reading: Reading, field: str, value: Any) -> str | None:
    if not isinstance(value, str) or not is_slug(value):
        reading.problem(field, f"{str(value)[:60]!r} is not the slug of a product")
        return None
    return value
