"""``renga texts``: how complete the translations are, per language and package; adds missing keys to the PO files."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from renga.apps.commands.text_keys import keys_in_sources
from renga.kernel.errors import Invalid
from renga.kernel.languages import SOURCE_LANGUAGE
from renga.platform.settings import PlatformSettings
from renga.platform.texts import (
    CatalogueInvalid,
    Completeness,
    TextCatalogue,
    completeness,
    languages_in,
    locale_of,
    packages_with_texts,
    read_catalogue,
)
from renga.platform.texts.catalogue import catalogue_file, key_of, read_file, read_overlay

_WIDTH = 110
#: Headers that Babel writes and that are of no use here.
_NOT_SAID = (b'"Report-Msgid-Bugs-To:', b'"Generated-By:')
_COLUMNS = ("translated", "missing", "fuzzy", "unused", "obsolete", "mismatched", "miscounted")


class LanguageUnknown(Invalid):
    code = "language_unknown"
    title = "This is no language that Unicode CLDR knows"


def report(platform: PlatformSettings) -> int:
    """Print a line per package and language, then one on stderr per fault. Returns 2 if there is a fault, else 0."""
    folder = Path(platform.locales) if platform.locales else None
    print(f"{'package':<36}{'language':<10}" + "".join(f"{name:>11}" for name in _COLUMNS))
    faults = 0
    for package in packages_with_texts():
        for fault in _report_package(package, folder):
            print(f"renga: {package}: {fault}", file=sys.stderr)
            faults += 1
    return 2 if faults else 0


def update(platform: PlatformSettings, add: str = "") -> None:
    """Bring every catalogue to the keys of its English source: new keys empty, removed keys marked obsolete (``#~``).

    ``add`` creates a language. Keys used in pages or code that the source lacks are added to it, empty.
    """
    folder = Path(platform.locales) if platform.locales else None
    if add:
        _check_language(add)
    for package in packages_with_texts():
        source = _begin_keys(package)
        asked_for = [*languages_in(package, folder), *([add] if add else [])]
        for language in dict.fromkeys(asked_for):
            if language != SOURCE_LANGUAGE:
                _update_one(package, language, source, folder)


def _report_package(package: str, folder: Path | None) -> Iterator[str]:
    """Print a package's lines; returns its faults."""
    try:
        source = read_catalogue(package, SOURCE_LANGUAGE, folder)
    except CatalogueInvalid as error:
        yield str(error)
        return
    for key in sorted(keys_in_sources(package) - source.texts.keys() - source.forms.keys()):
        yield f"{key} is used and stands in no source"
    for language in languages_in(package, folder):
        yield from _report_language(package, language, source, folder)


def _report_language(package: str, language: str, source: TextCatalogue, folder: Path | None) -> Iterator[str]:
    try:
        found = completeness(read_catalogue(package, language, folder), source)
        overlay = read_overlay(package, language, folder)
    except CatalogueInvalid as error:
        yield str(error)
        return
    print(f"{package:<36}{language:<10}" + "".join(f"{_count(found, name):>11}" for name in _COLUMNS))
    yield from (f"{language}: {key} {fault}" for key, fault in found.faults())
    if overlay is not None:  # an overlay may change any text
        other = msgspec.structs.replace(completeness(overlay, source), missing=())
        yield from (f"{language} in {folder}: {key} {fault}" for key, fault in other.faults())


def _count(found: Completeness, column: str) -> int:
    value = getattr(found, column)
    return value if isinstance(value, int) else len(value)


def _check_language(tag: str) -> None:
    try:
        locale_of(tag)
    except CatalogueInvalid as error:
        raise LanguageUnknown(str(error)) from error


def _begin_keys(package: str) -> Catalog:
    """The source, with an empty entry for each used key that it lacks."""
    file = _path(package, SOURCE_LANGUAGE, None)
    source = read_file(file, package, SOURCE_LANGUAGE)
    known = {key_of(one) for one in source if one.id}
    lacking = sorted(keys_in_sources(package) - known)
    for key in lacking:
        source.add(key)
    if lacking:
        _write(file, source)
    return source


def _update_one(package: str, language: str, source: Catalog, folder: Path | None) -> None:
    file = _path(package, language, folder)
    had = read_file(file, package, language) if file.is_file() else _new_catalogue(source, language)
    texts = {key_of(one): one for one in had if one.id} | {key_of(one): one for one in had.obsolete.values()}
    made = Catalog(locale=had.locale, header_comment=had.header_comment, fuzzy=False, charset="utf-8")
    made.mime_headers = had.mime_headers
    for one in source:
        if one.id:
            old = texts.pop(key_of(one), None)
            same = old is not None and old.pluralizable == one.pluralizable
            made.add(one.id, old.string if same and old else None, flags=old.flags if same and old else ())
            made[one.id].auto_comments = list(one.auto_comments)
            made[one.id].user_comments = list(old.user_comments) if old else []
    made.obsolete = {key: old for key, old in texts.items()}  # noqa: C416 # Babel's type is wider
    _write(file, made)


def _new_catalogue(source: Catalog, language: str) -> Catalog:
    """An empty catalogue with the source's header and the language's plural rule from Unicode CLDR."""
    made = Catalog(locale=locale_of(language), header_comment=source.header_comment, fuzzy=False, charset="utf-8")
    made.project, made.version = source.project, source.version
    return made


def _path(package: str, language: str, folder: Path | None) -> Path:
    return Path(str(catalogue_file(package, language, folder)))


def _write(file: Path, catalogue: Catalog) -> None:
    """Write a catalogue only if its content changed, so that a second run changes nothing."""
    written = io.BytesIO()
    write_po(written, catalogue, width=_WIDTH)
    body = b"".join(line for line in written.getvalue().splitlines(keepends=True) if not line.startswith(_NOT_SAID))
    if file.is_file() and _body(file.read_bytes()) == _body(body):
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(body)
    print(f"wrote {file}")


def _body(po: bytes) -> bytes:
    """A file without its header, which has the date of writing."""
    return po.partition(b"\n\n")[2]
