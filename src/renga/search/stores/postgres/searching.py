"""Finds: tries the words strictly, then less so; ranks a bounded number of candidates; pages by keys."""

from collections.abc import Sequence

import asyncpg
import msgspec

from renga.search.folding import key_of
from renga.search.ports import Found, FoundHit, Question
from renga.search.stores.postgres import asking, cursors, ordering, words
from renga.search.stores.postgres.asking import Word
from renga.search.stores.postgres.cursors import Place
from renga.search.stores.postgres.facets import FacetCounts
from renga.search.stores.postgres.filters import Arguments, conditions, scope
from renga.search.stores.postgres.generations import Tables
from renga.search.stores.postgres.shares import KnownShares, Shares

#: Of what matches words, so many are weighed: those with the words in their titles first, the best standing ones first.
RANKED_MAX = 400
#: What means the same counts a little less.
SYNONYM = 0.8
#: How much more the most popular product counts, and how much of its score a sold-out one keeps.
POPULAR, SOLD_OUT = 0.35, 0.6

_skus = msgspec.json.Decoder(dict[str, str])


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One way to understand the words: sets of words of which one must be there whole, as a tsquery; an SQL score."""

    sets: tuple[tuple[Word, ...], ...]
    near: bool
    score: str

    @property
    def found(self) -> str:
        """The tsquery."""
        return self.found_in("")

    def found_in(self, weights: str) -> str:
        """The tsquery for places of these weights."""
        return " | ".join(f"({asking.all_of(one, near=self.near, weights=weights)})" for one in self.sets)


async def find(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tables: Tables,
    question: Question,
    facets: FacetCounts,
    known: KnownShares,
) -> Found:
    """Raises SearchCursorInvalid."""
    mark = cursors.mark_of(question)
    asked = [await words.analyse(connection, tables, text, question.query.language) for text in question.texts]
    place = _place(question, mark, any(asked))
    documents = await _size(connection, tables) if any(asked) else 0
    if place is not None:
        documents, asked = _weighed_alike(documents, asked, place)
    counts = (documents, *(word.documents for one in asked for word in one)) if any(asked) else ()
    shares = await known.get(connection, tables, documents) if documents else None
    number = place.attempt if place else 0
    last = 2 if any(asked) and place is None else number
    while True:
        attempt = await _attempt(connection, tables, asked, documents, number) if any(asked) else None
        blank = Place(mark, number, (), counts)
        hits, following, scattered = await _hits(connection, tables, question, attempt, place, blank, shares)
        if number == last or (hits and not (scattered and number == 0)):
            break
        number = last if hits else number + 1
    counted = await facets.count(connection, tables, question, _matches(attempt, question), f"{mark}:{number}")
    return Found(
        hits=tuple(hits[: question.query.limit]),
        total=counted.total,
        values=counted.values,
        numbers=counted.numbers,
        next=following,
        loose=number > 0,
    )


def _place(question: Question, mark: str, has_words: bool) -> Place | None:
    if question.query.cursor is None:
        return None
    keys = ordering.keys_of(question, Arguments(), "0" if has_words else None)
    place = cursors.decode(question.query.cursor, mark, tuple(key.kind for key in keys))
    return msgspec.structs.replace(place, attempt=min(max(place.attempt, 0), 2))


def _weighed_alike(documents: int, asked: Sequence[list[Word]], place: Place) -> tuple[int, list[list[Word]]]:
    """The words with the counts of the first page, if they still are the same words."""
    if len(place.counts) != 1 + sum(len(one) for one in asked):
        return documents, list(asked)
    counts = iter(place.counts)
    documents = max(next(counts), 0)
    weighed = [[msgspec.structs.replace(word, documents=max(next(counts), 0)) for word in one] for one in asked]
    return documents, weighed


async def _attempt(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tables: Tables,
    asked: Sequence[list[Word]],
    documents: int,
    number: int,
) -> Attempt:
    there = [one for one in asked if one]
    if number == 0:
        sets = [tuple(one) for one in there]
        return Attempt(sets=tuple(sets), near=False, score=_best_score(there, documents, near=False))
    if number == 1:
        (near,) = await words.with_near(connection, tables, asked[:1])
        return Attempt(sets=(tuple(near),), near=True, score=_best_score([near], documents, near=True))
    found = await words.with_near(connection, tables, there)
    # small talk is near some word or other: what is known counts, where anything is
    found = [[word for word in one if word.documents] or one for one in found]
    enough = dict.fromkeys(some for one in found for some in asking.enough_of(one, documents))
    return Attempt(sets=tuple(enough), near=True, score=_best_score(found, documents, near=True))


def _best_score(asked: Sequence[Sequence[Word]], documents: int, *, near: bool) -> str:
    """SQL: the score for the words as they were asked, or in other words that mean the same, whichever is more."""
    scores = [
        f"{asking.score(one, documents, near=near)}{'' if place == 0 else f' * {SYNONYM}'}"
        for place, one in enumerate(asked)
    ]
    return scores[0] if len(scores) == 1 else f"greatest({', '.join(scores)})"


async def _size(connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables) -> int:
    """About how many documents there are, as the planner knows; counted where it does not."""
    known = await connection.fetchval(
        "SELECT CASE WHEN reltuples > 5000 THEN reltuples::bigint END FROM pg_class WHERE oid = $1::regclass",
        tables.documents,
    )
    if known is None:
        known = await connection.fetchval(
            f"SELECT count(*) FROM (SELECT 1 FROM {tables.documents} LIMIT 10000) AS seen"
        )
    return int(known)


def _matches(attempt: Attempt | None, question: Question) -> str:
    """SQL: what is found, pinned products included."""
    if attempt is None:
        return "true"
    key = asking.literal(key_of(question.texts[0]))
    found = f"terms @@ {asking.literal(attempt.found)}::tsquery OR keys && ARRAY[{key}]"
    pinned = ", ".join(asking.literal(one) for one in question.pinned)
    return f"({found} OR product_id IN ({pinned}))" if pinned else f"({found})"


async def _hits(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tables: Tables,
    question: Question,
    attempt: Attempt | None,
    place: Place | None,
    blank: Place,
    shares: Shares | None,
) -> tuple[list[FoundHit], str | None, bool]:
    """One page, the cursor of the next, and whether the words are only scattered over descriptions."""
    limit = question.query.limit
    pinned = [] if place else await _pinned(connection, tables, question)
    if limit == 0:
        limit, pinned = 1, []  # somebody must be found for this try to count
    room = max(limit - len(pinned), 0)
    rows, keys = await _rows(connection, tables, question, attempt, place, room + 1, shares)
    asked_key = key_of(question.texts[0]) if question.texts else ""
    hits = [
        FoundHit(
            product_id=row["product_id"],
            slug=row["slug"],
            sku=_skus.decode(row["skus"]).get(asked_key),
            score=float(row["key0"]) if attempt and isinstance(row["key0"], float) else 0.0,
        )
        for row in rows[:room]
    ]
    following = None
    if len(rows) > room and question.query.limit and room:
        values = tuple(rows[room - 1][f"key{n}"] for n in range(keys))
        following = cursors.encode(msgspec.structs.replace(blank, keys=values))
    scattered = not pinned and not any(row["strong"] for row in rows)
    return [*pinned, *hits], following, scattered


async def _pinned(
    connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, question: Question
) -> list[FoundHit]:
    if not question.pinned:
        return []
    arguments = Arguments(list(question.pinned))
    where = " AND ".join(
        ["product_id = ANY($1::text[])", *scope(question, arguments), *conditions(question, arguments)]
    )
    rows = await connection.fetch(f"SELECT product_id, slug FROM {tables.documents} WHERE {where}", *arguments.values)
    slugs = {row[0]: row[1] for row in rows}
    found = [FoundHit(product_id=one, slug=slugs[one]) for one in question.pinned if one in slugs]
    return found[: question.query.limit]


async def _rows(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tables: Tables,
    question: Question,
    attempt: Attempt | None,
    place: Place | None,
    limit: int,
    shares: Shares | None,
) -> tuple[list[asyncpg.Record], int]:
    """Hits after the place, and how many sort keys they have."""
    arguments = Arguments()
    where = [*scope(question, arguments), *conditions(question, arguments)]
    if question.pinned:
        where.append(f"product_id <> ALL({arguments.add(list(question.pinned), 'text[]')})")
    ranked = attempt is not None and question.query.sort == "relevance"
    score = _score(attempt, question) if attempt is not None else None
    keys = ordering.keys_of(question, arguments, score)
    columns = ", ".join(f"{key.expression} AS key{n}" for n, key in enumerate(keys))
    shown = f"product_id, slug, skus::text AS skus, {_strong(attempt, question)} AS strong"
    source = f"SELECT {shown}, {columns} FROM {tables.documents}"
    if ranked and attempt is not None:
        source += f" WHERE product_id IN ({_candidates(tables, attempt, question, where, shares)})"
    else:
        source += " WHERE " + " AND ".join([*where, _matches(attempt, question)] if attempt else where)
    order = [f"key{n}{' DESC' if key.descending else ''}" for n, key in enumerate(keys)]
    statement = f"SELECT * FROM ({source}) AS found"
    if place is not None:
        statement += " WHERE " + ordering.after(keys, [f"key{n}" for n in range(len(keys))], place.keys, arguments)
    elif not ranked:
        # the plain order of an index, so that no more is read than is shown
        statement, order = source, [f"{key.expression}{' DESC' if key.descending else ''}" for key in keys]
    statement += f" ORDER BY {', '.join(order)} LIMIT {arguments.add(limit, 'bigint')}"
    return await connection.fetch(statement, *arguments.values), len(keys)


def _candidates(
    tables: Tables, attempt: Attempt, question: Question, where: Sequence[str], shares: Shares | None
) -> str:
    narrowed = " AND ".join(where)
    order = f"ORDER BY standing DESC, created_at DESC, product_id LIMIT {RANKED_MAX}"
    key = key_of(question.texts[0])
    found = f"{asking.literal(attempt.found)}::tsquery"
    keys = f"ARRAY[{asking.literal(key)}, {asking.literal(f'title:{key}')}]"
    arms = []
    for column in ("in_title", "terms"):
        match = f"{column} @@ {found}"
        if shares is None:
            rows = f"{tables.documents} WHERE {narrowed} AND {match}"
        elif shares.are_common(column, attempt.sets, near=attempt.near, wanted=RANKED_MAX):
            # so common that the best standing ones, read in their order, soon have enough of them
            rows = f"{tables.documents} WHERE {narrowed} AND ({match}) IS TRUE"
        else:
            rows = f"(SELECT * FROM {tables.documents} WHERE {narrowed} AND {match} OFFSET 0) AS rare"
        arms.append(rows)
    arms.append(f"{tables.documents} WHERE {narrowed} AND brand_key = {asking.literal(key)} AND terms @@ {found}")
    arms.append(f"{tables.documents} WHERE {narrowed} AND keys && {keys}")
    return " UNION ".join(f"(SELECT product_id FROM {rows} {order})" for rows in arms)


def _strong(attempt: Attempt | None, question: Question) -> str:
    """SQL: are the words in the title or the words of the product, or are they its key?"""
    if attempt is None or all(len(one) < 2 for one in attempt.sets):
        return "true"
    key = asking.literal(key_of(question.texts[0]))
    return f"(terms @@ {asking.literal(attempt.found_in('AB'))}::tsquery OR keys && ARRAY[{key}])"


def _score(attempt: Attempt, question: Question) -> str:
    key = key_of(question.texts[0])
    exact = f"CASE WHEN keys && ARRAY[{asking.literal(key)}] THEN {asking.KEY} ELSE 0 END"
    title = f"CASE WHEN keys && ARRAY[{asking.literal(f'title:{key}')}] THEN {asking.WHOLE_TITLE} ELSE 0 END"
    brand = f"CASE WHEN brand_key = {asking.literal(key)} THEN {asking.WHOLE_BRAND} ELSE 0 END"
    standing = f"(1 + {POPULAR} * popularity) * CASE WHEN available THEN 1 ELSE {SOLD_OUT} END"
    return f"(({attempt.score} + {title} + {brand}) * {standing} + {exact})::float8"
