"""Suggestions for a partial text: words, brands, products."""

from collections.abc import Sequence

import asyncpg
import msgspec

from renga.domains.search.contract import Suggestion
from renga.domains.search.model.document import EVERYWHERE
from renga.domains.search.model.folding import key_of, primary, text_for, words_of
from renga.domains.search.stores.postgres import asking, tiers, words
from renga.domains.search.stores.postgres.generations import Tables
from renga.domains.search.stores.postgres.shares import Shares

COMPLETIONS_MAX = 3
#: Expected number of products in a tier.
WANTED = 100

_COMPLETIONS = """
SELECT shown FROM {words} WHERE word LIKE $1 AND word <> $2
ORDER BY $4 = ANY (tags) DESC, documents DESC, word LIMIT $3
"""

_BRANDS = """
SELECT brand FROM {documents} WHERE brand_key LIKE $1 AND NOT gone AND channels && $2::text[]
GROUP BY brand ORDER BY count(*) DESC, brand LIMIT $3
"""
# One row per brand: counting the products of a common brand would read them all.
_BRANDS_NAMED = """
SELECT brand FROM unnest($1::text[]) WITH ORDINALITY AS named(key, nth) CROSS JOIN LATERAL (
    SELECT brand FROM {documents} WHERE brand_key = key AND NOT gone AND channels && $2::text[] LIMIT 1
) AS sold ORDER BY nth LIMIT $3
"""
_BRANDS_NEXT = """
WITH RECURSIVE one(key, brand, nth) AS (
    (SELECT brand_key, brand, 1 FROM {documents} WHERE brand_key LIKE $1 AND NOT gone AND channels && $2::text[]
     ORDER BY brand_key LIMIT 1)
    UNION ALL
    SELECT next.key, next.brand, nth + 1 FROM one CROSS JOIN LATERAL (
        SELECT brand_key, brand FROM {documents}
        WHERE brand_key > one.key AND brand_key LIKE $1 AND NOT gone AND channels && $2::text[] ORDER BY brand_key LIMIT 1
    ) AS next(key, brand) WHERE nth < $3
) SELECT brand FROM one ORDER BY nth
"""

_PRODUCTS = """
SELECT titles::text, slug, image FROM (
    SELECT titles, slug, image, standing, created_at FROM {documents}
    WHERE {matches} AND NOT gone AND channels && $1::text[] OFFSET 0
) AS begun ORDER BY standing DESC, created_at DESC LIMIT $2
"""

_titles = msgspec.json.Decoder(dict[str, str])


async def suggest(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tables: Tables,
    shares: Shares,
    text: str,
    language: str,
    channel: str,
    limit: int,
) -> tuple[Suggestion, ...]:
    """Completions of the last word, then brands, then products."""
    typed = words_of(text)
    if not typed or limit < 1:
        return ()
    last, sold = typed[-1], [EVERYWHERE, channel]
    completions = await connection.fetch(
        _COMPLETIONS.format(words=tables.words), f"{last}%", last, COMPLETIONS_MAX, primary(language)
    )
    brands = await _brands(connection, tables, shares, key_of(text), sold)
    products = await _products(connection, tables, shares, typed, sold, limit)
    before = text.strip().lower().split()[:-1]
    found = [Suggestion(kind="query", text=" ".join([*before, row[0]])) for row in completions] if products else []
    found += [Suggestion(kind="brand", text=brand) for brand in brands]
    found += [
        Suggestion(kind="product", text=_title(row[0], language) or row[1], slug=row[1], image=row[2])
        for row in products
    ]
    return tuple(found[:limit])


async def _brands(
    connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, shares: Shares, begun: str, sold: list[str]
) -> list[str]:
    """Brands with the most products first; in a large index, common brands first."""
    if not shares.common:
        rows = await connection.fetch(_BRANDS.format(documents=tables.documents), f"{begun}%", sold, COMPLETIONS_MAX)
        return [row[0] for row in rows]
    common = sorted((-share, key) for key, share in shares.common.get("brand_key", {}).items() if key.startswith(begun))
    named = [key for _, key in common]
    rows = await connection.fetch(_BRANDS_NAMED.format(documents=tables.documents), named, sold, COMPLETIONS_MAX)
    if len(rows) < COMPLETIONS_MAX:
        rows += await connection.fetch(
            _BRANDS_NEXT.format(documents=tables.documents), f"{begun}%", sold, len(rows) + COMPLETIONS_MAX
        )
    return list(dict.fromkeys(row[0] for row in rows))[:COMPLETIONS_MAX]


async def _products(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tables: Tables,
    shares: Shares,
    typed: Sequence[str],
    sold: list[str],
    limit: int,
) -> list[asyncpg.Record]:
    """Products with these words in their titles (the last may be incomplete), by standing."""
    *before, last = typed
    longer = await words.beginning_with(connection, tables, [last])
    lexemes = {last: 0, **dict(longer.get(last, ()))}
    begun = " | ".join(f"'{one}'" for one in lexemes) if len(lexemes) > 1 else f"'{last}':*"
    asked = " & ".join([*(f"'{word}'" for word in before), f"({begun})"])
    matches = f"in_title @@ {asking.literal(asked)}::tsquery"
    expected = shares.documents * shares.of_lexemes("in_title", lexemes)
    for word in before:
        expected *= shares.of_any("in_title", [word])
    tier = tiers.tier_of(expected, shares.tiers, WANTED) if expected > 2 * WANTED else None
    if tier is not None and tables.tiers is not None:
        inside = f"{matches} AND {tiers.within(tables.tiers, tier)}"
        rows = await connection.fetch(_PRODUCTS.format(documents=tables.documents, matches=inside), sold, limit)
        if len(rows) == limit:  # documents outside the tier have no better standing
            return rows
    return await connection.fetch(_PRODUCTS.format(documents=tables.documents, matches=matches), sold, limit)


def _title(titles: str, language: str) -> str:
    return text_for({tag: text for tag, text in _titles.decode(titles).items() if tag[0] != "~"}, language)
