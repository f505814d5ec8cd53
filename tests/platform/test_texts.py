"""Texts of PO files: plural forms of each language, what is used where one is missing, and the report."""

from pathlib import Path

import pytest

from renga.platform.texts import (
    CatalogueInvalid,
    Texts,
    completeness,
    load_texts,
    locale_of,
    packages_with_texts,
    read_catalogue,
)

EN = 'msgid "hello"\nmsgstr "Hello, {name}"\n\nmsgid "files"\nmsgid_plural "files"\nmsgstr[0] "{n} file"\nmsgstr[1] "{n} files"\n'
PL = """msgid ""
msgstr "Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\\n"

msgid "files"
msgid_plural "files"
msgstr[0] "{n} plik"
msgstr[1] "{n} pliki"
msgstr[2] "{n} plików"
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with texts in English and Polish."""
    name = f"shop_{abs(hash(tmp_path))}"
    for language, text in {"en": EN, "pl": PL}.items():
        _write(tmp_path / name, language, text)
    (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return name


def _write(package: Path, language: str, text: str) -> None:
    file = package / "locales" / language / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0 plików"), (1, "1 plik"), (3, "3 pliki"), (12, "12 plików"), (22, "22 pliki")]
)
def test_a_language_with_three_plural_forms_is_added_by_a_po_file_alone(package: str, n: int, text: str) -> None:
    assert load_texts(package, "en", Texts)["pl"].plural("files", n) == text


def test_a_text_that_a_language_lacks_is_said_in_the_shops_first(package: str) -> None:
    texts = load_texts(package, "en", Texts)
    assert texts["pl"].text("hello", name="Ana") == "Hello, Ana"
    with pytest.raises(KeyError):
        texts["pl"].text("nothing")


def test_the_report_names_what_is_missing_unused_fuzzy_and_mismatched(package: str, tmp_path: Path) -> None:
    text = '#, fuzzy\nmsgid "hello"\nmsgstr "Witaj, {who}"\n\nmsgid "old"\nmsgstr "Stare"\n'
    _write(tmp_path / package, "pl", text)
    found = completeness(read_catalogue(package, "pl"), read_catalogue(package, "en"))
    assert (found.translated, found.missing, found.fuzzy, found.unused, found.mismatched) == (
        0,
        ("files",),
        ("hello",),
        ("old",),
        ("hello",),
    )


def test_a_po_file_that_cannot_be_read_names_its_package_and_language(package: str, tmp_path: Path) -> None:
    _write(tmp_path / package, "pl", 'msgid "a\nnonsense')
    with pytest.raises(CatalogueInvalid, match=f"the texts of {package} in pl cannot be read"):
        read_catalogue(package, "pl")


def test_the_report_names_plurals_that_lack_a_form_and_placeholders_of_any_form(package: str, tmp_path: Path) -> None:
    rule = PL.partition("\n\n")[0]
    short = 'msgid "files"\nmsgid_plural "files"\nmsgstr[0] "{n} plik"\nmsgstr[1] "{n} pliki"\n'
    _write(
        tmp_path / package,
        "pl",
        f'{rule}\n\nmsgid "hello"\nmsgstr "Witaj, {{name"\n\n{short}\n#~ msgid "gone"\n#~ msgstr "x"\n',
    )
    found = completeness(read_catalogue(package, "pl"), read_catalogue(package, "en"))
    assert (found.missing, found.miscounted, found.mismatched, found.obsolete) == (
        (),
        ("files",),
        ("hello",),
        ("gone",),
    )
    assert found.incomplete
    assert dict(found.faults()) == {
        "hello": "has other placeholders than its source",
        "files": "has the wrong number of plural forms",
    }


def test_a_singular_may_leave_its_number_out_and_no_form_may_name_another_value(package: str, tmp_path: Path) -> None:
    _write(tmp_path / package, "pl", PL.replace('{n} plik"', 'plik"') + '\nmsgid "hello"\nmsgstr "Witaj, {name}"\n')
    source = read_catalogue(package, "en")
    assert not completeness(read_catalogue(package, "pl"), source).incomplete
    _write(tmp_path / package, "de", EN.replace('{n} file"', '{m} Datei"'))
    assert completeness(read_catalogue(package, "de"), source).mismatched == ("files",)


def test_every_package_with_texts_is_found() -> None:
    assert packages_with_texts() == ("renga.domains.identity.accounts", "renga.frontends.web")


def test_a_tag_that_unicode_cldr_does_not_know_is_read_as_its_language() -> None:
    assert str(locale_of("pt-XX")) == "pt"
    with pytest.raises(CatalogueInvalid, match="knows no language 'xx-YY'"):
        locale_of("xx-YY")
