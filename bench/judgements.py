"""The judged queries of bench/relevance: expected products, graded by hand or by rules over a catalogue's rows."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent / "relevance"
DEMO_PRODUCTS = Path(__file__).parents[1] / "src" / "renga" / "domains" / "catalog" / "demo" / "products.jsonl"
#: The grade of a product that was asked for.
GRADE_MAX = 3


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One product of a catalogue, as rules use it."""

    id: str
    sku: str
    title: str
    brand: str
    gtins: tuple[str, ...] = ()
    attributes: Mapping[str, str | float | bool] = {}


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The grade of all products that meet every given condition.

    ``words``  all of these are words of the title, each as it is or with an s
    ``any``    one of these phrases is in the title
    ``attributes``  each is there and its value begins with this text
    """

    grade: int
    sku: str = ""
    gtin: str = ""
    brand: str = ""
    words: str = ""
    any: tuple[str, ...] = ()
    attributes: dict[str, str] = {}


class Judged(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A query with its answers: ``grades`` by id, or ``rules``. With neither, the query must find nothing."""

    text: str
    language: str
    kind: str
    grades: dict[str, int] = {}
    rules: tuple[Rule, ...] = ()


class _Folded(msgspec.Struct, frozen=True):
    row: Row
    words: frozenset[str]
    title: str
    brand: str


def load(name: str) -> list[Judged]:
    """The judged queries of a set: ``demo`` or ``icecat``."""
    lines = (FOLDER / f"{name}.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Judged) for line in lines if line]


def fold(text: str) -> str:
    """Lower case, without accents, words separated by one space."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", plain.lower()))


def grade(queries: Sequence[Judged], rows: Iterable[Row]) -> list[Judged]:
    """The queries with their rules turned into grades by id; the highest grade of the rules that a row meets counts."""
    folded = [_Folded(row, frozenset(fold(row.title).split()), f" {fold(row.title)} ", fold(row.brand)) for row in rows]
    return [msgspec.structs.replace(query, grades=_grades(query, folded), rules=()) for query in queries]


def _grades(query: Judged, rows: Sequence[_Folded]) -> dict[str, int]:
    grades = dict(query.grades)
    for rule in sorted(query.rules, key=lambda rule: rule.grade):
        grades |= {row.row.id: rule.grade for row in rows if _meets(row, rule)}
    return grades


def _meets(row: _Folded, rule: Rule) -> bool:
    return (
        (not rule.sku or fold(row.row.sku) == fold(rule.sku))
        and (not rule.gtin or rule.gtin in row.row.gtins)
        and (not rule.brand or row.brand == fold(rule.brand))
        and all(word in row.words or f"{word}s" in row.words for word in fold(rule.words).split())
        and (not rule.any or any(f" {fold(phrase)} " in row.title for phrase in rule.any))
        and all(_has(row.row, name, text) for name, text in rule.attributes.items())
    )


def _has(row: Row, name: str, text: str) -> bool:
    return name in row.attributes and fold(str(row.attributes[name])).startswith(fold(text))
