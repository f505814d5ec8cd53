"""Reads a mapping file (TOML or JSON) and converts foreign rows to flat ones with it; see docs/guides/import.md."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from renga.domains.catalog.contract import RowInvalid
from renga.domains.catalog.feeds.mapping_file import TEXTS, MappingFile, MappingWrong, Source, checked, target_of
from renga.domains.catalog.feeds.outcomes import ImportRefused
from renga.domains.catalog.model import slugify
from renga.domains.catalog.rows.flat import Amount
from renga.domains.catalog.rows.paths import find, template_parts
from renga.domains.catalog.rows.reading import DEFAULT_LANGUAGE
from renga.kernel.errors import Invalid
from renga.kernel.members import invalid

MAPPING_BYTES_MAX = 1 << 20
_PRICES = ("price", "prices", "compare_at", "cost")

Getter = Callable[[Mapping[str, Any]], Any]


class RowMapping:
    """A checked mapping: call it with a foreign row. ``raw`` are the bytes it was read from."""

    def __init__(self, file: MappingFile, raw: bytes) -> None:
        self.raw = raw
        self._constants = {k: v for k, v in (("language", file.language), ("currency", file.currency)) if v is not None}
        self._getters = [(*target_of(name), _getter(name, source, file)) for name, source in file.fields.items()]

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
            if isinstance(whole, str) and field in TEXTS:
                whole = {str(flat.get("language", DEFAULT_LANGUAGE)): whole}
            if not isinstance(whole, dict):
                raise RowInvalid(
                    [(field, f"must be names with values, since {field}.{next(iter(named))} is one of them")]
                )
            flat[field] = whole | named
        return flat


def load_mapping(path: Path) -> RowMapping:
    """Raises ImportRefused with the file and its problem."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAPPING_BYTES_MAX)
        parsed = json.loads(raw) if path.suffix.lower() == ".json" else tomllib.loads(raw.decode())
        return RowMapping(checked(_converted(parsed)), raw)
    except OSError as error:
        raise ImportRefused(f"the mapping {path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError, Invalid, MappingWrong) as error:
        raise ImportRefused(f"the mapping {path.name} is not valid: {error}") from error


def _converted(parsed: Any) -> MappingFile:
    """Raises Invalid with the member."""
    try:
        return msgspec.convert(parsed, MappingFile)
    except msgspec.ValidationError as error:
        raise invalid(error, parsed, MappingFile) from None


def _getter(name: str, given: str | Source, file: MappingFile) -> Getter:
    source = Source(from_=given) if isinstance(given, str) else given
    getter = _changed(source, _raw_getter(name, source))
    if name.partition(".")[0] not in _PRICES:
        return getter
    unit, decimal = source.unit or file.unit, source.decimal or file.decimal
    wrap = _amounts if name in ("prices", "compare_at", "cost") else _amount
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
    """The getter followed by ``split``, ``strip`` and ``pad``."""
    # a prefix is removed only if something follows it
    prefix = re.compile(f"(?:{'|'.join(map(re.escape, source.strip))})(?=.)", re.DOTALL)

    def change(row: Mapping[str, Any]) -> Any:
        value = getter(row)
        if source.split is not None and isinstance(value, str):
            return [part.strip() for part in value.split(source.split) if part.strip()]
        if source.strip and isinstance(value, dict):
            return _stripped(value, prefix)
        if source.pad and isinstance(value, str | int):
            return str(value).zfill(source.pad)
        return value

    return change if source.split is not None or source.strip or source.pad else getter


def _stripped(value: Mapping[str, Any], prefix: re.Pattern[str]) -> dict[str, Any]:
    """Names without their prefix; two that become one are kept apart by the full name."""
    found: dict[str, Any] = {}
    for name, one in value.items():
        match = prefix.match(name)
        short = name[match.end() :] if match else name
        found[name if short in found else short] = one
    return found


def _amounts(value: Any, unit: str, decimal: str | None) -> Any:
    if not isinstance(value, dict):
        return value
    return {currency: Amount(one, unit, decimal) for currency, one in value.items() if one is not None}


def _amount(value: Any, unit: str, decimal: str | None) -> Amount | None:
    return None if value is None else Amount(value, unit, decimal)
