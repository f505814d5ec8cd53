"""How PostgreSQL is asked for words once an index is large: the same answers as from a small one, whatever way they are found."""

from itertools import combinations

import asyncpg
import pytest

from renga.search.contract import SearchQuery
from renga.search.ports import Found, Question
from renga.search.stores.postgres.asking import SOME_MAX, SOME_SHARE, Word, enough_of
from renga.search.stores.postgres.index import PostgresIndex
from renga.search.stores.postgres.shares import Shares
from renga.search.wiring import SearchRooms

TEXTS = (
    "caneca",
    "cafe moido",
    "azul",
    "mesa de jantar azul",
    "canecq",
    "presente zzz caneca",
    "ca",
    "zzyzxqwk",
    "a o e",
)


async def found(index: PostgresIndex, text: str, sort: str = "relevance") -> Found:
    query = SearchQuery(text=text, sort=sort, limit=50)  # type: ignore[arg-type]  # one of the sorts
    return await index.search(Question(query=query, texts=(text,)))


@pytest.mark.parametrize("common", [True, False])
async def test_answers_do_not_depend_on_how_candidates_are_looked_for(
    rooms: SearchRooms, pool: "asyncpg.Pool[asyncpg.Record]", monkeypatch: pytest.MonkeyPatch, common: bool
) -> None:
    small, large = PostgresIndex(pool), PostgresIndex(pool, large=1)
    asked: list[str] = []

    def are_common(shares: Shares, column: str, *_: object, **__: object) -> bool:
        asked.append(column)
        return common

    monkeypatch.setattr(Shares, "are_common", are_common)
    for text in TEXTS:
        assert await found(large, text) == await found(small, text)
        assert await found(large, text, "title") == await found(small, text, "title")
    assert set(asked) == {"in_title", "terms"}


async def test_the_shares_of_common_words_are_known_after_a_rebuild(
    rooms: SearchRooms, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    index = PostgresIndex(pool, large=1)
    await found(index, "caneca")
    shares = await index._shares.get(None, None, 0)  # type: ignore[arg-type]  # fewer than are large: nobody is asked
    assert shares is None
    kept = index._shares._shares
    assert kept.documents >= 60
    assert set(kept.common) == {"in_title", "terms"}
    assert all(0 < share <= 1 for shares_of in kept.common.values() for share in shares_of.values())


def test_words_that_all_must_be_there_are_rarer_and_forms_add_up() -> None:
    shares = Shares(1_000_000, {"terms": {"mesa": 0.2, "mes": 0.1, "azul": 0.1, "azulejo": 0.05}})
    mesa, azul = Word(written="mesa", stems=("mes",)), Word(written="azul", last=True)
    assert shares.of("terms", [[mesa]], near=False) == pytest.approx(0.3)
    assert shares.of("terms", [[azul]], near=False) == pytest.approx(0.15)  # begun: azulejo, too
    assert shares.of("terms", [[mesa, azul]], near=False) == pytest.approx(0.045)
    assert shares.of("terms", [[mesa], [azul]], near=False) == pytest.approx(0.45)
    assert shares.of("in_title", [[mesa]], near=False) == 0
    assert shares.are_common("terms", [[mesa]], near=False, wanted=400)
    assert not shares.are_common("in_title", [[mesa]], near=False, wanted=400)


@pytest.mark.parametrize("counts", [[5], [5, 5], [1, 900], [1, 30, 900, 900], [7] * 6, [3, 900, 900, 900, 900, 2]])
def test_some_words_are_enough_exactly_when_they_weigh_enough(counts: list[int]) -> None:
    words = [Word(written=f"w{n}", documents=documents) for n, documents in enumerate(counts)]
    weights = {word.written: word.weight(1_000) for word in words}
    needed = SOME_SHARE * sum(weights.values())
    sets = [{word.written for word in one} for one in enough_of(words, 1_000)]
    for size in range(len(words) + 1):
        for there in combinations(weights, size):
            weighs_enough = sum(weights[one] for one in there) >= needed - 1e-9
            assert any(one <= set(there) for one in sets) == weighs_enough
    assert not any(one < other for one in sets for other in sets)


def test_numbers_are_not_enough_nor_needed_beside_words() -> None:
    number, word = Word(written="3000", documents=1), Word(written="caneca", documents=900)
    assert enough_of([number, word], 1_000) == [(word,)]
    assert enough_of([number], 1_000) == [(number,)]


def test_of_a_long_text_the_heaviest_words_are_looked_at() -> None:
    words = [Word(written=f"w{n}", documents=n + 1) for n in range(60)]
    sets = enough_of(words, 1_000)
    assert {word.written for one in sets for word in one} <= {f"w{n}" for n in range(SOME_MAX)}
    assert len(sets) <= 70
