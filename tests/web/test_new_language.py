"""A language is added by its PO files alone: pages, mails, accounts and discovery speak it, and nothing of the code changes."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po

from renga.apps.commands.texts import report, update
from renga.domains.identity.accounts.mails import PACKAGE as MAILS
from renga.domains.identity.accounts.mails import AccountMails
from renga.domains.identity.oauth.discovery import metadata
from renga.frontends.web.i18n import PACKAGE as PAGES
from renga.kernel.languages import nearest_language
from renga.platform.settings import PlatformSettings, SettingsInvalid
from renga.platform.texts import open_locales
from tests.web.shopper import BASE, Shopper, text_of


def _translate(folder: Path, but: str = "") -> None:
    """Fill the Spanish files that were begun: ``es: <English>``, all but one key."""
    for package in (PAGES, MAILS):
        english = {message.id: message for message in _read(_shipped(package))}
        file = folder / "es" / "LC_MESSAGES" / f"{package}.po"
        catalogue = _read(file)
        for message in catalogue:
            if message.id and message.id != but:
                source = english[message.id].string
                message.string = tuple(f"es: {one}" for one in source) if isinstance(source, tuple) else f"es: {source}"
                if isinstance(message.string, tuple):
                    message.string += message.string[-1:] * (catalogue.num_plurals - len(message.string))
        with file.open("wb") as out:
            write_po(out, catalogue)


def _read(file: Path):  # type: ignore[no-untyped-def] # a catalogue of Babel, which has no types
    with file.open("rb") as lines:
        return read_po(lines)


def _shipped(package: str) -> Path:
    import renga

    return Path(renga.__file__).parent.joinpath(*package.split(".")[1:], "locales", "en", "LC_MESSAGES", "messages.po")


@pytest.fixture
def spanish(tmp_path: Path) -> PlatformSettings:
    """A shop with a folder of complete Spanish texts, begun by the command."""
    settings = PlatformSettings(public_url=BASE, locales=str(tmp_path))
    update(settings, "es")
    _translate(tmp_path)
    return settings


async def test_a_page_is_shown_in_a_language_that_only_its_files_add(spanish: PlatformSettings) -> None:
    async with Shopper(settings=spanish, headers={"accept-language": "es-MX,en;q=0.5"}) as visitor:
        page = await visitor.get("/p/cup")
        chosen = await visitor.land("/preferences", language="es", back="/")
    assert '<html lang="es">' in page.text
    assert f'<link rel="alternate" hreflang="es" href="{BASE}/p/cup?lang=es">' in page.text
    assert "es: Skip to the content" in text_of(page)
    assert "89,00 BRL" in text_of(page)
    assert '<button name="language" value="es" lang="es" aria-pressed="true">es: English</button>' in page.text
    assert '<html lang="es">' in chosen.text


def test_a_mail_is_written_in_it_and_an_account_may_prefer_it(spanish: PlatformSettings) -> None:
    letters = AccountMails(open_locales(spanish))
    mail = letters.verify_email("ana@example.com", "Ana", "es", "https://x.example/1")
    assert mail.subject == "es: Confirm your e-mail address"
    assert mail.text.startswith("es: Hello, Ana!")
    assert letters.languages == ("pt-BR", "en", "es")
    assert nearest_language("es-MX", letters.languages) == "es"
    assert letters.verify_email("a@x.example", "Ana", "fr", "y").subject == "Confirme seu e-mail"
    assert metadata("https://x.example", (), letters.languages)["ui_locales_supported"] == ["pt-BR", "en", "es"]


async def test_what_it_lacks_is_said_in_the_shops_own_language_and_only_if_the_shop_asks_for_it(tmp_path: Path) -> None:
    update(PlatformSettings(locales=str(tmp_path)), "es")
    _translate(tmp_path, but="nav.cart")
    assert open_locales(PlatformSettings(locales=str(tmp_path))).languages == ("pt-BR", "en")
    settings = PlatformSettings(public_url=BASE, locales=str(tmp_path), languages=("es", "en"))
    async with Shopper(settings=settings) as visitor:
        page = await visitor.get("/")
    assert '<html lang="es">' in page.text
    assert f'<link rel="alternate" hreflang="es" href="{BASE}/">' in page.text, "the shop's own has the plain address"
    assert '<span class="word">Cart</span>' in page.text
    assert "pt-BR" not in page.text


@pytest.mark.parametrize(
    ("languages", "words"),
    [
        (("en", "fr"), "languages names 'fr'; pages and mails have texts in pt-BR, en"),
        (("EN",), "languages names 'EN'; pages and mails have texts in pt-BR, en"),
        (("",), "languages names ''; pages and mails have texts in pt-BR, en"),
    ],
)
def test_a_language_without_texts_is_refused_when_the_shop_starts(languages: tuple[str, ...], words: str) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        open_locales(PlatformSettings(languages=languages))
    assert refused.value.detail == words


def test_a_folder_that_is_not_there_and_a_file_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="there is no such folder"):
        open_locales(PlatformSettings(locales=str(tmp_path / "none")))
    for package in (PAGES, MAILS):
        file = tmp_path / "es" / "LC_MESSAGES" / f"{package}.po"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('msgid "a\nnonsense', encoding="utf-8")
    with pytest.raises(SettingsInvalid, match="in es cannot be read"):
        open_locales(PlatformSettings(locales=str(tmp_path)))


def test_a_language_that_only_pages_have_is_not_spoken(spanish: PlatformSettings) -> None:
    (Path(spanish.locales) / "es" / "LC_MESSAGES" / f"{MAILS}.po").unlink()
    assert open_locales(spanish).languages == ("pt-BR", "en")


def test_a_shop_says_its_own_words_by_a_file_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "en" / "LC_MESSAGES" / f"{MAILS}.po"
    file.parent.mkdir(parents=True)
    file.write_text('msgid "verify_email.subject"\nmsgstr "Welcome to Serra"\n', encoding="utf-8")
    letters = AccountMails(open_locales(PlatformSettings(locales=str(tmp_path))))
    assert letters.verify_email("a@x.example", "Ana", "en", "y").subject == "Welcome to Serra"
    assert letters.recover_account("a@x.example", "Ana", "en", "y").subject == "Choose a new password"
    assert letters.verify_email("a@x.example", "Ana", "pt-BR", "y").subject == "Confirme seu e-mail"
    assert letters.languages == ("pt-BR", "en")


def test_the_report_counts_and_names_what_is_wrong_and_answers_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = PlatformSettings(locales=str(tmp_path))
    assert report(settings) == 0
    assert capsys.readouterr().err == ""
    update(settings, "pl")
    assert report(settings) == 2
    said = capsys.readouterr()
    assert [line.split()[1:4] for line in said.out.splitlines() if line.startswith(MAILS) and " pl " in line] == [
        ["pl", "0", "10"]
    ]
    assert f"renga: {MAILS}: pl: verify_email.text is missing" in said.err.splitlines()


def test_updating_keeps_what_is_translated_begins_what_is_new_and_puts_aside_what_is_gone(
    spanish: PlatformSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    file = Path(spanish.locales) / "es" / "LC_MESSAGES" / f"{MAILS}.po"
    text = file.read_text("utf-8").replace('msgid "verify_email.subject"', 'msgid "old.subject"')
    file.write_text(text, encoding="utf-8")
    update(spanish)
    after = file.read_text("utf-8")
    assert 'msgid "verify_email.subject"\nmsgstr ""\n' in after
    assert '#~ msgid "old.subject"\n#~ msgstr "es: Confirm your e-mail address"' in after
    assert 'msgid "recover_account.subject"\nmsgstr "es: Choose a new password"\n' in after
    capsys.readouterr()
    update(spanish)
    assert capsys.readouterr().out == "", "a second time changes nothing"
    assert file.read_text("utf-8") == after
