"""The format of a mapping file, and its validation before any row is read."""

import msgspec

from renga.domains.catalog.rows.flat import DECIMALS, FLAT_FIELDS, UNITS
from renga.domains.catalog.rows.reading import language_tag
from renga.kernel.money import CURRENCIES

#: Targets with a name after the dot: ``title.en``, ``prices.BRL``, ``attributes.colour``, ``options.size``.
NESTED = ("title", "description", "attributes", "options", "prices", "compare_at", "cost", "measure")
TEXTS = ("title", "description")


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a field comes from: one of ``from``, ``value`` and ``template``, and how it is converted."""

    from_: str | None = msgspec.field(default=None, name="from")
    value: str | int | float | bool | None = None
    template: str | None = None
    split: str | None = None
    strip: tuple[str, ...] = ()
    pad: int = 0
    unit: str | None = None
    decimal: str | None = None


class MappingFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. ``unit`` and ``decimal`` apply to every price that does not set its own."""

    fields: dict[str, str | Source]
    language: str | None = None
    currency: str | None = None
    unit: str = "major"
    decimal: str | None = None


class MappingWrong(Exception):
    """The problem, in one line."""


def checked(file: MappingFile) -> MappingFile:
    """Returns the file. Raises MappingWrong."""
    if file.language is not None and language_tag(file.language) is None:
        raise MappingWrong(f"language = {file.language!r} is not a language tag such as pt-BR")
    _check_currency("currency", file.currency)
    _check_form("the mapping", file.unit, file.decimal)
    if not file.fields:
        raise MappingWrong("[fields] is empty")
    targets: dict[tuple[str, str | None], str] = {}
    for name, source in file.fields.items():
        field, entry = target_of(name)
        if (other := targets.setdefault((field, entry), name)) != name:
            raise MappingWrong(f"{other} and {name} are the same field")
        if field in ("prices", "compare_at", "cost"):
            _check_currency(name, entry)
        if field in TEXTS and entry and language_tag(entry) is None:
            raise MappingWrong(f"{name}: {entry!r} is not a language tag such as pt-BR")
        if isinstance(source, Source):
            _check_source(name, source)
    return file


def _check_source(name: str, source: Source) -> None:
    given = [part for part in (source.from_, source.value, source.template) if part is not None]
    if len(given) != 1:
        raise MappingWrong(f"{name} needs exactly one of from, value and template")
    if source.split == "":
        raise MappingWrong(f"{name}: split must not be empty")
    _check_form(name, source.unit or "major", source.decimal)


def _check_form(where: str, unit: str, decimal: str | None) -> None:
    if unit not in UNITS:
        raise MappingWrong(f"{where}: unit = {unit!r} must be one of {', '.join(UNITS)}")
    if decimal is not None and decimal not in DECIMALS:
        raise MappingWrong(f"{where}: decimal = {decimal!r} must be '.' or ','")


def _check_currency(where: str, currency: str | None) -> None:
    if currency is not None and currency not in CURRENCIES:
        raise MappingWrong(f"{where}: {currency!r} is not an active currency of ISO 4217")


def target_of(name: str) -> tuple[str, str | None]:
    """``("title", "en")`` for ``title.en``; ``attributes.*`` is all attributes."""
    field, _, entry = name.partition(".")
    if name in FLAT_FIELDS:
        return name, None
    if name == "attributes.*":
        return "attributes", None
    if not entry or field not in NESTED:
        raise MappingWrong(
            f"there is no field {name!r} to map to; there are {', '.join(FLAT_FIELDS)} and {_nested_names()}"
        )
    return field, language_tag(entry) or entry if field in TEXTS else entry


def _nested_names() -> str:
    return ", ".join(f"{name}.…" for name in NESTED)
