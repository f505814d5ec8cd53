"""A pseudo-language, made of the English texts: accented, in brackets and longer. What a page says without them was never
given to translators."""

import re
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.pofile import read_po, write_po

from renga.platform.texts import packages_with_texts
from renga.platform.texts.catalogue import catalogue_file

LANGUAGE = "en-XA"
#: How much longer than English other languages may be.
LONGER = 0.4
_ACCENTS = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž",
)
_PLACE = re.compile(r"(\{[^{}]*\})")
#: What no reader sees as words.
_SILENT = {"script", "style", "code", "svg"}
_SPOKEN = {"aria-label", "placeholder", "title", "alt", "data-done"}
_META = {"description", "og:title", "og:description", "og:site_name"}
#: An initial, a part of a secret, a recovery code.
_CODE = re.compile(r"[A-Z]|[A-Z2-7]{4}|[0-9a-f]{4}(-[0-9a-f]{4}){2}")
#: A text of this length may be the beginning of a longer one of the shop's data.
_EXCERPT = 100
_VOID = {"meta", "link", "input", "img", "br", "hr"}


def pseudo_text(text: str) -> str:
    """``[Ŝķîþ ţö {name}~~~~]``; values keep their places."""
    if not text:
        return text
    parts = [part if _PLACE.fullmatch(part) else part.translate(_ACCENTS) for part in _PLACE.split(text)]
    return f"⟦{''.join(parts)}{'~' * round(len(text) * LONGER + 0.5)}⟧"


def write_pseudo(folder: Path, language: str = LANGUAGE) -> Path:
    """A folder of PO files in the pseudo-language, one per package that has texts."""
    for package in packages_with_texts():
        with catalogue_file(package, "en").open("rb") as file:
            catalogue = read_po(file, locale="en")
        for message in catalogue:
            if message.id and isinstance(message.string, tuple):
                message.string = tuple(map(pseudo_text, message.string))
            elif message.id:
                message.string = pseudo_text(str(message.string))
        path = folder / language.replace("-", "_") / "LC_MESSAGES" / f"{package}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            write_po(out, catalogue)
    return folder


class _Reader(HTMLParser):
    """Gathers what a person reads or hears of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self._open.append(tag)
        named = dict(attrs)
        self.said += [value for name, value in attrs if name in _SPOKEN and value]
        if tag == "meta" and (named.get("name") or named.get("property")) in _META:
            self.said.append(named["content"] or "")

    def handle_endtag(self, tag: str) -> None:
        while tag in self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not _SILENT & set(self._open):
            self.said.append(" ".join(data.split()))


def said_on(page: str) -> list[str]:
    """Every text of a page."""
    reader = _Reader()
    reader.feed(page)
    return reader.said


def untranslated(texts: list[str], data: frozenset[str]) -> list[str]:
    """The texts in which a plain letter is left when the shop's data are taken out, longest first."""
    known = re.compile("|".join(re.escape(one) for one in sorted(data, key=len, reverse=True)))
    left = [text for text in texts if re.search(r"[A-Za-z]", known.sub("", text)) and not _CODE.fullmatch(text)]
    return [text for text in left if len(text) < _EXCERPT or not any(text.rstrip(" …") in one for one in data)]
