"""Pure: sort keys in SQL, from which a cursor can continue."""

from typing import NamedTuple

from renga.domains.search.model.folding import primary
from renga.domains.search.ports import IndexQuestion
from renga.domains.search.stores.postgres.filters import Arguments


class Key(NamedTuple):
    """One sort key: an SQL expression, its type, and whether the greatest comes first."""

    expression: str
    kind: type
    descending: bool

    @property
    def cast(self) -> str:
        return "text" if self.kind is str else "float8"


_ID = Key("product_id", str, False)

# sorts after every price in minor units, and is exact as a float in a cursor, which JSON's numbers must carry
NO_PRICE = 2**53 - 1


def keys_of(question: IndexQuestion, arguments: Arguments, score: str | None) -> list[Key]:
    """``score`` is the expression of the words' score, None for a query without words."""
    query = question.query
    if query.sort in ("price_asc", "price_desc"):
        price = f"(prices ->> {arguments.add(query.currency, 'text')})::float8"
        # products that are not sold in the currency come last in both directions
        if query.sort == "price_asc":
            return [Key(f"coalesce({price}, {NO_PRICE})", float, False), _ID]
        return [Key(f"coalesce({price}, -1)", float, True), _ID]
    if query.sort == "newest":
        return [Key("created_at", str, True), _ID]
    if query.sort == "title":
        tag = arguments.add(f"~{primary(query.language)}", "text")
        return [
            Key(f"coalesce(titles ->> {tag}, titles ->> '~pt', titles ->> '~en', slug) COLLATE \"C\"", str, False),
            _ID,
        ]
    if score is not None:
        return [Key(score, float, True), _ID]
    return [Key("standing::float8", float, True), Key("created_at", str, True), _ID]


def after(keys: list[Key], names: list[str], values: tuple[str | float, ...], arguments: Arguments) -> str:
    """SQL: does a row come after the one with these values? ``names`` are the columns of the keys."""
    ways = []
    for place, key in enumerate(keys):
        placeholder = arguments.add(values[place], key.cast)
        same = [f"{names[n]} = ${len(arguments.values) - place + n}::{keys[n].cast}" for n in range(place)]
        ways.append(" AND ".join([*same, f"{names[place]} {'<' if key.descending else '>'} {placeholder}"]))
    return "(" + " OR ".join(f"({way})" for way in ways) + ")"
