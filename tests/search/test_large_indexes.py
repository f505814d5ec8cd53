"""Large indexes on PostgreSQL: only a part of the matches is read, and the results are still correct."""

import base64
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import asyncpg
import msgspec
import pytest

from renga.domains.search.contract import Filter, SearchCursorInvalid, SearchQuery
from renga.domains.search.model.document import Document
from renga.domains.search.opening import SearchModule
from renga.domains.search.ports import IndexFindings, IndexQuestion
from renga.domains.search.stores.postgres import candidates, facets, searching, suggesting, tiers
from renga.domains.search.stores.postgres.asking import SOME_MAX, SOME_SHARE, Word, enough_of
from renga.domains.search.stores.postgres.attempts import Interpretation
from renga.domains.search.stores.postgres.index import PostgresIndex
from renga.domains.search.stores.postgres.shares import Shares
from tests.ports.search_indexes import document

#: Products of a large index in miniature; the bounds below are as much smaller than the real ones.
PRODUCTS, COUNTED = 4_000, 1_000


def shelf(count: int) -> Iterator[Document]:
    """All are mugs and every second is blue; a tenth is of a small brand, one in a hundred has a rare word. The less the number,
    the more popular."""
    for n in range(count):
        yield document(
            f"{n:05}",
            f"Caneca {'azul' if n % 2 else 'verde'} {n}",
            brand="Jequi" if n % 10 == 0 else "Olaria",
            words="presente",
            body="feita com alpendre" if n % 100 == 7 else "feita em casa",
            price=1_000 + n,
            popularity=1 - n / count,
        )


@pytest.fixture
def bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in (
        (candidates, "READ_MAX", 200),
        (candidates, "WANTED", 60),
        (candidates, "RANKED_MIN", 20),
        (candidates, "DRAWN", 300),
        (facets, "COUNTED_MAX", COUNTED),
        (facets, "DRAWN_FOR_FACETS", 800),
        (searching, "COUNTED_MAX", COUNTED),
        (suggesting, "WANTED", 20),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.fixture
async def large(bounds: None, rooms: SearchModule, pool: "asyncpg.Pool[asyncpg.Record]") -> PostgresIndex:
    index = PostgresIndex(pool, large=1_000)
    generation = await index.begin_rebuild()
    await index.put_into(generation, list(shelf(PRODUCTS)))
    await index.finish_rebuild(generation)
    return index


async def ask(index: PostgresIndex, text: str, **named: object) -> IndexFindings:
    return await index.search(IndexQuestion(query=SearchQuery(text=text, **named), texts=(text,)))  # type: ignore[arg-type]


async def pages(index: PostgresIndex, text: str) -> list[str]:
    """Every hit, page by page."""
    hits: list[str] = []
    cursor = None
    while True:
        found = await ask(index, text, limit=25, cursor=cursor)
        hits += [hit.product_id for hit in found.hits]
        cursor = found.next
        if cursor is None:
            return hits


async def test_of_a_common_word_the_best_standing_products_are_ranked(large: PostgresIndex) -> None:
    hits = await pages(large, "caneca")
    assert 60 <= len(hits) < 400
    assert len(set(hits)) == len(hits)
    # all of them are of the tier: the best standing ones, none left out
    assert sorted(hits) == [f"{n:05}" for n in range(len(hits))]


@pytest.mark.parametrize(
    "made_up", [(99, 0, 0), (0, -1, 0), (0, 0, 2**40), (0, 0, 0, 1), (0, 0, 0, -99), (0, 0, 0, 0, 11)]
)
async def test_a_made_up_cursor_is_refused(large: PostgresIndex, made_up: tuple[int, ...]) -> None:
    cursor = (await ask(large, "caneca", limit=10)).next
    assert cursor is not None
    mark, attempt, keys, counts, _ = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=="))
    made = base64.urlsafe_b64encode(msgspec.json.encode((mark, attempt, keys, counts, made_up))).decode().rstrip("=")
    with pytest.raises(SearchCursorInvalid):
        await ask(large, "caneca", limit=10, cursor=made)


async def test_words_together_narrow_what_is_looked_at(large: PostgresIndex) -> None:
    hits = await pages(large, "caneca azul")
    assert 60 <= len(hits) < 400
    assert {int(one) % 2 for one in hits} == {1}
    assert max(map(int, hits)) < PRODUCTS / 4


async def test_words_of_descriptions_are_looked_for_where_titles_have_none(large: PostgresIndex) -> None:
    found = await ask(large, "casa", limit=50)
    assert len(found.hits) == 50
    assert not any(int(hit.product_id) % 100 == 7 for hit in found.hits)
    assert max(int(hit.product_id) for hit in found.hits) < PRODUCTS / 4
    assert found.total == COUNTED


async def test_rare_words_are_found_wherever_they_stand(large: PostgresIndex) -> None:
    found = await ask(large, "alpendre", limit=50)
    assert sorted(int(hit.product_id) for hit in found.hits) == list(range(7, PRODUCTS, 100))
    assert found.total == PRODUCTS / 100
    both = await ask(large, "caneca alpendre", limit=40)
    assert {hit.product_id for hit in both.hits} == {hit.product_id for hit in found.hits}
    assert not (await ask(large, "zzyzxqwk")).hits


async def test_a_common_brand_is_among_the_candidates(large: PostgresIndex) -> None:
    found = await ask(large, "jequi", limit=20)
    assert {int(hit.product_id) % 10 for hit in found.hits} == {0}
    assert 300 <= found.total <= 500


async def test_how_many_match_is_estimated_where_they_are_many(
    large: PostgresIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (facets, searching):
        monkeypatch.setattr(module, "COUNTED_MAX", 10_000)
    by_words = {"caneca": PRODUCTS, "caneca azul": PRODUCTS / 2, "presente": PRODUCTS, "presente verde": PRODUCTS / 2}
    for text, really in by_words.items():
        assert (await ask(large, text)).total == pytest.approx(really, rel=0.2), text
        assert (await ask(large, text, sort="price_asc")).total == pytest.approx(really, rel=0.2), text


async def test_facets_of_many_are_those_of_a_sample(large: PostgresIndex) -> None:
    found = await ask(large, "caneca", facets=("brand", "price"))
    assert found.total == COUNTED
    (brands,) = (one for one in found.values if one.facet == "brand")
    assert dict(brands.counts)["Olaria"] == pytest.approx(PRODUCTS * 0.9, rel=0.1)
    assert dict(brands.counts)["Jequi"] == pytest.approx(PRODUCTS * 0.1, rel=0.3)
    (price,) = found.numbers
    assert sum(count for _, _, count in price.parts) == price.count == pytest.approx(PRODUCTS, rel=0.1)
    chosen = await ask(large, "caneca", facets=("brand",), filters=(Filter(facet="brand", values=("Jequi",)),))
    assert chosen.total == PRODUCTS / 10
    (brands,) = chosen.values
    assert dict(brands.counts) == {
        "Olaria": pytest.approx(PRODUCTS * 0.9, rel=0.1),
        "Jequi": pytest.approx(PRODUCTS * 0.1, rel=0.3),
    }
    few = await ask(large, "alpendre", facets=("brand",))
    assert {one.facet: dict(one.counts) for one in few.values} == {"brand": {"Olaria": PRODUCTS / 100}}


async def test_filters_are_met_by_what_a_tier_gives(large: PostgresIndex) -> None:
    filters = (Filter(facet="brand", values=("Jequi",)),)
    found = await ask(large, "caneca", filters=filters, limit=50)
    assert [int(hit.product_id) for hit in found.hits] == list(range(0, 500, 10))
    assert found.total == PRODUCTS / 10
    dear = (Filter(facet="price", at_least=1_000 + PRODUCTS - 30),)
    # nothing popular is so dear: all that matches is read after all
    assert (await ask(large, "caneca azul", filters=dear, limit=50)).total == 15


async def test_what_becomes_popular_is_ranked_from_then_on(large: PostgresIndex) -> None:
    last = f"{PRODUCTS - 1:05}"
    assert last not in await pages(large, "caneca")
    await large.set_popularity({last: 0.999})
    assert last in await pages(large, "caneca")


async def test_suggestions_are_the_same_as_of_a_small_index(
    large: PostgresIndex, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    small = PostgresIndex(pool)
    for text in ("c", "can", "caneca az", "ol", "jeq", "azul", "zzyzx"):
        of_large = await large.suggest(text, language="pt-BR", channel="web", limit=12)
        assert of_large == await small.suggest(text, language="pt-BR", channel="web", limit=12), text


async def test_statistics_know_common_words_and_tiers(large: PostgresIndex) -> None:
    await ask(large, "caneca")
    shares = large._shares._shares
    assert shares.documents == PRODUCTS
    assert shares.common["in_title"]["caneca"] == 1
    assert shares.tiers[1] == pytest.approx(0.5, abs=0.02)
    assert shares.tiers[5] == pytest.approx(1 / 32, abs=0.01)


async def test_an_index_without_tiers_is_read_whole(large: PostgresIndex, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    """As one that was built before there were tiers."""
    await pool.execute("UPDATE search.generations SET tiers = NULL")
    index = PostgresIndex(pool, large=1_000)
    found = await ask(index, "caneca", limit=100)
    assert sorted(int(hit.product_id) for hit in found.hits) == list(range(100))


async def test_numbers_of_documents_are_as_many_as_they_should_be(
    large: PostgresIndex, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    row = await pool.fetchrow("SELECT id, tiers FROM search.generations WHERE state = 'live'")
    assert row is not None
    numbers = await pool.fetch(f"SELECT unnest({tiers.numbers(row[1])}) FROM search.documents_{row[0]}")
    seen = Counter(one[0] for one in numbers)
    for number in (1, 2, 3, 4):
        assert seen[number] == pytest.approx(PRODUCTS * 2.0**-number, rel=0.01)
        assert seen[-number] == pytest.approx(PRODUCTS * 2.0**-number, rel=0.2)
        drawn = f"SELECT count(*) FROM search.documents_{row[0]} WHERE {tiers.is_drawn(-number)}"
        assert await pool.fetchval(drawn) == seen[-number]


def test_words_that_all_must_be_there_are_rarer_and_longer_words_add_up() -> None:
    shares = Shares(1_000_000, {"terms": {"mesa": 0.2, "mes": 0.1, "azul": 0.1, "azulejo": 0.05}})
    mesa, azul = Word(written="mesa", stems=("mes",)), Word(written="azul", last=True, begun=(("azulejo", 9),))

    def expected(*sets: list[Word], column: str = "terms") -> float:
        return shares.expected(column, sets, near=False)

    assert expected([mesa]) == pytest.approx(200_000)
    assert expected([azul]) == pytest.approx(150_000)
    assert expected([mesa, azul]) == pytest.approx(30_000)
    assert expected([mesa], [azul]) == pytest.approx(350_000)
    assert expected([mesa], column="in_title") == 0


def test_words_that_are_everywhere_are_not_asked_of_the_index() -> None:
    shares = Shares(1_000_000, {"terms": {"caneca": 0.9, "azul": 0.1, "presente": 0.8}})
    caneca, azul, presente = (Word(written=one) for one in ("caneca", "azul", "presente"))

    def matches(*words: Word) -> str:
        return Interpretation(sets=(words,), near=False, score="").matches("terms", shares)

    assert matches(azul) == "terms @@ '((''azul''))'::tsquery"
    assert matches(caneca) == "terms @@ '((''caneca''))'::tsquery"
    both = "(terms @@ '((''caneca'') & (''azul''))'::tsquery) IS TRUE"
    assert matches(caneca, azul) == f"terms @@ '((''azul''))'::tsquery AND {both}"
    assert matches(caneca, presente).startswith("terms @@ '((''presente''))'::tsquery AND ")


def test_a_tier_is_as_small_as_it_may_be() -> None:
    shares = {tier: 2.0**-tier for tier in range(1, 11)}
    assert tiers.tier_of(100_000, shares, 300) == 8
    assert tiers.tier_of(500, shares, 300) is None
    assert tiers.tier_of(100_000, {}, 300) is None
    assert tiers.sample_of(100_000, 300) == -8
    assert tiers.sample_of(500, 300) is None
    assert tiers.times(-8) == 256


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
