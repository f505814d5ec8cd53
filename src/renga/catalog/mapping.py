"""Reads a mapping file (TOML or JSON) and turns foreign rows into flat ones by it; see docs/guides/import.md."""

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from renga.catalog.drafts import RowInvalid
from renga.catalog.flat import DECIMALS, FLAT_FIELDS, UNITS, Amount
from renga.catalog.importing import ImportRefused
from renga.catalog.model import slugify
from renga.catalog.paths import find, template_parts
from renga.catalog.reading import DEFAULT_LANGUAGE, language_tag
from renga.kernel.money import CURRENCIES

MAPPING_BYTES_MAX = 1 << 20
#: Targets with a name behind the dot: ``title.en``, ``prices.BRL``, ``attributes.colour``, ``options.size``.
_NESTED = ("title", "description", "attributes", "options", "prices")
_TEXTS = ("title", "description")
_PRICES = ("price", "prices")

Getter = Callable[[Mapping[str, Any]], Any]


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a field comes from: one of ``from``, ``value`` and ``template``, and how it is changed on the way."""

    from_: str | None = msgspec.field(default=None, name="from")
    value: str | int | float | bool | None = None
    template: str | None = None
    split: str | None = None
    strip: tuple[str, ...] = ()
    pad: int = 0
    unit: str | None = None
    decimal: str | None = None


class MappingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. ``unit`` and ``decimal`` hold for every price that does not say its own."""

    fields: dict[str, str | Source]
    language: str | None = None
    currency: str | None = None
    unit: str = "major"
    decimal: str | None = None


class RowMapping:
    """A checked mapping: call it with a foreign row. ``raw`` are the bytes it was read from."""

    def __init__(self, file: MappingFile, raw: bytes) -> None:
        self.raw = raw
        self._constants = {k: v for k, v in (("language", file.language), ("currency", file.currency)) if v is not None}
        self._getters = [(*_target(name), _getter(name, source, file)) for name, source in file.fields.items()]

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The flat fields of a row. Raises RowInvalid."""
        flat: dict[str, Any] = dict(self._constants)
        entries: dict[str, dict[str, Any]] = {}
        for field, entry, getter in self._getters:
            value = getter(row)
            if value is None:
                continue
            if entry is None:
                flat[field] = value
            else:
                entries.setdefault(field, {})[entry] = value
        for field, named in entries.items():
            whole = flat.get(field, {})
            if isinstance(whole, str) and field in _TEXTS:
                whole = {str(flat.get("language", DEFAULT_LANGUAGE)): whole}
            if not isinstance(whole, dict):
                raise RowInvalid(
                    [(field, f"must be names with values, since {field}.{next(iter(named))} is one of them")]
                )
            flat[field] = whole | named
        return flat


def load_mapping(path: Path) -> RowMapping:
    """Raises ImportRefused, naming the file and what is wrong in it."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAPPING_BYTES_MAX)
        parsed = json.loads(raw) if path.suffix.lower() == ".json" else tomllib.loads(raw.decode())
        return RowMapping(_checked(msgspec.convert(parsed, MappingFile)), raw)
    except OSError as error:
        raise ImportRefused(f"the mapping {path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError, msgspec.ValidationError, _Wrong) as error:
        raise ImportRefused(f"the mapping {path.name} is not valid: {error}") from error


class _Wrong(Exception):
    pass


def _checked(file: MappingFile) -> MappingFile:
    if file.language is not None and language_tag(file.language) is None:
        raise _Wrong(f"language = {file.language!r} is not a language tag such as pt-BR")
    _check_currency("currency", file.currency)
    _check_form("the mapping", file.unit, file.decimal)
    if not file.fields:
        raise _Wrong("[fields] is empty")
    targets: dict[tuple[str, str | None], str] = {}
    for name, source in file.fields.items():
        field, entry = _target(name)
        if (other := targets.setdefault((field, entry), name)) != name:
            raise _Wrong(f"{other} and {name} are the same field")
        if field == "prices":
            _check_currency(name, entry)
        if field in _TEXTS and entry and language_tag(entry) is None:
            raise _Wrong(f"{name}: {entry!r} is not a language tag such as pt-BR")
        if isinstance(source, Source):
            _check_source(name, source)
    return file


def _check_source(name: str, source: Source) -> None:
    given = [part for part in (source.from_, source.value, source.template) if part is not None]
    if len(given) != 1:
        raise _Wrong(f"{name} needs exactly one of from, value and template")
    if source.split == "":
        raise _Wrong(f"{name}: split must not be empty")
    _check_form(name, source.unit or "major", source.decimal)


def _check_form(where: str, unit: str, decimal: str | None) -> None:
    if unit not in UNITS:
        raise _Wrong(f"{where}: unit = {unit!r} must be one of {', '.join(UNITS)}")
    if decimal is not None and decimal not in DECIMALS:
        raise _Wrong(f"{where}: decimal = {decimal!r} must be '.' or ','")


def _check_currency(where: str, currency: str | None) -> None:
    if currency is not None and currency not in CURRENCIES:
        raise _Wrong(f"{where}: {currency!r} is not an active currency of ISO 4217")


def _target(name: str) -> tuple[str, str | None]:
    """``("title", "en")`` for ``title.en``; ``attributes.*`` is all attributes."""
    field, _, entry = name.partition(".")
    if name in FLAT_FIELDS:
        return name, None
    if name == "attributes.*":
        return "attributes", None
    if not entry or field not in _NESTED:
        raise _Wrong(f"there is no field {name!r} to map to; there are {', '.join(FLAT_FIELDS)} and {_nested_names()}")
    return field, language_tag(entry) or entry if field in _TEXTS else entry


def _nested_names() -> str:
    return ", ".join(f"{name}.…" for name in _NESTED)


def _getter(name: str, given: str | Source, file: MappingFile) -> Getter:
    source = Source(from_=given) if isinstance(given, str) else given
    getter = _changed(source, _raw_getter(name, source))
    if name.partition(".")[0] not in _PRICES:
        return getter
    unit, decimal = source.unit or file.unit, source.decimal or file.decimal
    wrap = _amounts if name == "prices" else _amount
    return lambda row: wrap(getter(row), unit, decimal)


def _raw_getter(name: str, source: Source) -> Getter:
    if source.value is not None:
        return lambda row: source.value
    if source.template is not None:
        return _templated(name, source.template)
    path = source.from_ or ""
    if path.endswith("*"):
        return lambda row: _with_prefix(row, path[:-1])
    return lambda row: find(row, path)


def _templated(name: str, template: str) -> Getter:
    parts = template_parts(template)

    def render(row: Mapping[str, Any]) -> str:
        texts = []
        for literal, path in parts:
            value = find(row, path) if path else ""
            if value is None or isinstance(value, dict | list):
                raise RowInvalid([(name, f"needs {path!r}, which the row does not have")])
            texts += [literal, str(value)]
        text = "".join(texts)
        return slugify(text) if name == "slug" else text

    return render


def _with_prefix(row: Mapping[str, Any], prefix: str) -> dict[str, Any] | None:
    return {key[len(prefix) :]: value for key, value in row.items() if key.startswith(prefix)} or None


def _changed(source: Source, getter: Getter) -> Getter:
    """The getter with ``split``, ``strip`` and ``pad`` behind it."""

    def change(row: Mapping[str, Any]) -> Any:
        value = getter(row)
        if source.split is not None and isinstance(value, str):
            return [part.strip() for part in value.split(source.split) if part.strip()]
        if source.strip and isinstance(value, dict):
            return _stripped(value, source.strip)
        if source.pad and isinstance(value, str | int):
            return str(value).zfill(source.pad)
        return value

    return change if source.split is not None or source.strip or source.pad else getter


def _stripped(value: Mapping[str, Any], prefixes: tuple[str, ...]) -> dict[str, Any]:
    """Names without their prefix; two that become one are kept apart by the full name."""
    found: dict[str, Any] = {}
    for name, one in value.items():
        short = next((name[len(p) :] for p in prefixes if name.startswith(p) and len(name) > len(p)), name)
        found[name if short in found else short] = one
    return found


def _amounts(value: Any, unit: str, decimal: str | None) -> Any:
    if not isinstance(value, dict):
        return value
    return {currency: Amount(one, unit, decimal) for currency, one in value.items() if one is not None}


def _amount(value: Any, unit: str, decimal: str | None) -> Amount | None:
    return None if value is None else Amount(value, unit, decimal)
