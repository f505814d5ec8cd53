"""Pure: reads single values of a row (texts, images, GTINs, prices) and collects their problems."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from renga.domains.catalog.contract import Texts
from renga.domains.catalog.model import limits
from renga.domains.catalog.model.naming import gtin_problem, is_slug
from renga.domains.catalog.model.timestamps import utc_timestamp
from renga.kernel.money import CURRENCIES
from renga.kernel.sku import sku_problem

#: The default language of plain texts.
DEFAULT_LANGUAGE = "pt-BR"

_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|[0-9]{3}))?\Z")
#: White space, what RFC 3986 excludes, and bidirectional control characters (they can make a URL look like another).
_NEVER_IN_AN_ADDRESS = re.compile(r"[\s<>\"{}|\\^`\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: A number with more digits is not a GTIN, sku or id; Python refuses to print far longer ones.
_DIGITS_MAX = 10**18


@lru_cache(maxsize=1024)
def language_tag(text: str) -> str | None:
    """The tag in its usual case (``pt-br`` → ``pt-BR``; RFC 5646 §2.1.1), or None if it is not supported."""
    match = _LANGUAGE.match(text)
    if match is None:
        return None
    language, script, region = match.groups()
    return "-".join(p for p in (language.lower(), script and script.title(), region and region.upper()) if p)


class Reading:
    """One row being read: collects problems instead of stopping at the first."""

    def __init__(self, language: Any) -> None:
        self.problems: list[tuple[str, str]] = []
        self.language = DEFAULT_LANGUAGE
        if language is not None:
            tag = language_tag(language) if isinstance(language, str) else None
            if tag is None:
                self.problem("language", f"{str(language)[:40]!r} is not a language tag such as pt-BR")
            self.language = tag or DEFAULT_LANGUAGE

    def problem(self, field: str, reason: str) -> None:
        """At most ROW_PROBLEMS_MAX are kept: each further problem looks through those before it."""
        if len(self.problems) < limits.ROW_PROBLEMS_MAX:
            self.problems.append((field, reason))

    def has_problem(self, field: str) -> bool:
        return any(f == field or f.startswith(f"{field}.") for f, _ in self.problems)

    def text(self, field: str, value: Any, chars_max: int) -> str | None:
        """A trimmed text; None if it is missing or empty."""
        if value is None:
            return None
        if not isinstance(value, str):
            self.problem(field, f"must be a text, not {kind_of(value)}")
            return None
        value = value.strip()
        if len(value) > chars_max:
            self.problem(field, f"has {len(value)} characters; at most {chars_max} are allowed")
        elif reason := text_problem(value):
            self.problem(field, reason)
        return value or None

    def texts(self, field: str, value: Any, chars_max: int) -> Texts:
        """Texts per language; a plain text is in the row's language."""
        if value is None or isinstance(value, str):
            plain = self.text(field, value, chars_max)
            return {self.language: plain} if plain else {}
        if not isinstance(value, dict):
            self.problem(field, f"must be a text or texts per language, not {kind_of(value)}")
            return {}
        found: Texts = {}
        if len(value) > limits.LANGUAGES_MAX:
            self.problem(field, f"has {len(value)} languages; at most {limits.LANGUAGES_MAX} are allowed")
            return {}
        for language, plain in value.items():
            tag = language_tag(language)
            if tag is None:
                self.problem(field, f"{language[:40]!r} is not a language tag such as pt-BR")
            elif text := self.text(f"{field}.{tag}", plain, chars_max):
                found[tag] = text
        return found

    def image(self, field: str, value: Any) -> str | None:
        """A path of the shop or an http(s) URL; other schemes could run scripts or read files in a browser."""
        image = self.text(field, value, limits.IMAGE_CHARS_MAX)
        if image and (
            _NEVER_IN_AN_ADDRESS.search(image)
            or image.startswith("//")
            or (_SCHEME.match(image) and not image.lower().startswith(("http://", "https://")))
        ):
            self.problem(field, f"{image[:60]!r} is neither a path nor an http(s) address")
        return image

    def sku(self, field: str, value: Any) -> str | None:
        """A sku; None if it is missing."""
        text = self.text(field, digits_as_text(value), limits.SKU_CHARS_MAX)
        if text and not self.has_problem(field) and (reason := sku_problem(text)):
            self.problem(field, reason)
        return text

    def gtin(self, field: str, value: Any) -> str | None:
        text = self.text(field, digits_as_text(value), limits.SKU_CHARS_MAX)
        if text and (reason := gtin_problem(text)):
            self.problem(field, reason)
        return text

    def prices(self, field: str, value: Any) -> dict[str, int]:
        if value is None:
            return {}
        if not isinstance(value, dict) or len(value) > limits.PRICES_MAX:
            self.problem(field, f"must be at most {limits.PRICES_MAX} currencies with minor units")
            return {}
        for currency, amount in value.items():
            if currency not in CURRENCIES:
                self.problem(f"{field}.{currency[:20]}", f"{currency[:20]!r} is not an active currency of ISO 4217")
            elif isinstance(amount, bool) or not isinstance(amount, int):
                self.problem(f"{field}.{currency}", f"must be whole minor units, not {kind_of(amount)}")
            elif not 0 <= amount <= limits.PRICE_MAX:
                self.problem(f"{field}.{currency}", f"must be from 0 to {limits.PRICE_MAX} minor units")
        return dict(value)

    def amount(self, field: str, value: Any) -> int | None:
        """A price in minor units."""
        return self.integer(field, value, limits.PRICE_MAX, "minor units")

    def currency(self, field: str, value: Any) -> str:
        if not isinstance(value, str) or value not in CURRENCIES:
            self.problem(field, f"{str(value)[:20]!r} is not an active currency of ISO 4217")
            return ""
        return value

    def integer(self, field: str, value: Any, most: int, unit: str = "", least: int = 0) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.problem(field, f"must be a whole number{unit and ' of '}{unit}, not {kind_of(value)}")
        elif not least <= value <= most:
            self.problem(field, f"must be from {least} to {most}{unit and ' '}{unit}")
        else:
            return value
        return None

    def boolean(self, field: str, value: Any) -> bool:
        if value is not None and not isinstance(value, bool):
            self.problem(field, f"must be true or false, not {kind_of(value)}")
        return value is True

    def choice(self, field: str, value: Any, choices: Sequence[str]) -> str | None:
        if value is None:
            return None
        if value not in choices:
            self.problem(field, f"{str(value)[:40]!r} must be one of {', '.join(choices)}")
            return None
        return str(value)

    def code(self, field: str, value: Any) -> str | None:
        """The code of a type, class or channel: letters a-z, digits, hyphens and underscores."""
        code = self.text(field, value, limits.CODE_CHARS_MAX)
        if code and not is_slug(code.replace("_", "-")):
            self.problem(field, f"{code[:60]!r} must be lower-case letters a-z, digits and single hyphens")
        return code

    def moment(self, field: str, value: Any) -> str | None:
        """An RFC 3339 timestamp, in UTC with milliseconds."""
        if value is None:
            return None
        moment = utc_timestamp(value) if isinstance(value, str) else None
        if moment is None:
            self.problem(field, f"{str(value)[:40]!r} is not a moment such as 2026-11-25T00:00:00Z")
        return moment

    def entries(self, field: str, value: Any, most: int, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The objects of a bounded list, each with its path (``media[0]``), without fields other than ``names``."""
        if value is None:
            return
        if not isinstance(value, list | tuple):
            self.problem(field, f"must be a list, not {kind_of(value)}")
        elif len(value) > most:
            self.problem(field, f"has {len(value)} entries; at most {most} are allowed")
        else:
            for index, one in enumerate(value):
                if self.known(f"{field}[{index}]", one, names):
                    yield f"{field}[{index}]", one

    def known(self, field: str, value: Any, names: Sequence[str]) -> bool:
        """Is it an object without fields other than ``names``?"""
        if not isinstance(value, dict):
            self.problem(field, f"must be an object, not {kind_of(value)}")
            return False
        self.unknown(field, value, names, "it")
        return True

    def unknown(self, field: str, value: dict[str, Any], names: Sequence[str], whole: str) -> None:
        """A problem for each member that is none of these fields, in their order."""
        if len(value) > limits.MEMBERS_MAX:
            self.problem(field, f"has {len(value)} members; at most {limits.MEMBERS_MAX} are allowed")
            return
        for name in sorted(str(name) for name in value.keys() - set(names)):
            self.problem(field, f"{name[:40]!r} is not a field of {whole}; those are {', '.join(names)}")


def text_problem(text: str) -> str | None:
    """Why a text cannot be stored, or None."""
    if text.isprintable():  # control characters and surrogates are not printable, so most texts need no further check
        return None
    if _CONTROL.search(text):
        return "has a control character in it" if "\0" not in text else "has a NUL character in it"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "has half a character (a lone surrogate) in it"
    return None


def digits_as_text(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _DIGITS_MAX:
        return str(value)
    return value


def kind_of(value: Any) -> str:
    names = {bool: "true/false", int: "a number", float: "a fraction", str: "a text", list: "a list", dict: "an object"}
    return "nothing" if value is None else names.get(type(value), type(value).__name__)
