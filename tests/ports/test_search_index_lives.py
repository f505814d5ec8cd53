"""Documents in every index: versions, removals, rebuilds beside the live index, an unavailable engine."""

import asyncio

import asyncpg
import pytest

from renga.domains.search.contract import RebuildLost, SearchUnavailable
from renga.domains.search.ports import Removal
from renga.domains.search.stores.postgres.index import PostgresIndex
from tests.ports.search_indexes import Lab, document


async def test_an_old_document_never_overwrites_a_newer_one(search_lab: Lab) -> None:
    await search_lab.index.put([document("a", "Nova", version=3)])
    await search_lab.index.put([document("a", "Velha", version=2)])
    assert (await search_lab.find("nova"), await search_lab.find("velha")) == (["a"], [])
    await search_lab.index.put([document("a", "Novíssima", version=4)])
    assert (await search_lab.find("novíssima"), await search_lab.find("nova")) == (["a"], [])


async def test_the_same_version_may_come_again_with_other_words(search_lab: Lab) -> None:
    await search_lab.index.put([document("a", "Vela", words="cozinha")])
    await search_lab.index.put([document("a", "Vela", words="jardim")])
    assert (await search_lab.find("jardim"), await search_lab.find("cozinha")) == (["a"], [])


async def test_what_was_removed_does_not_come_back_with_old_news(search_lab: Lab) -> None:
    await search_lab.index.put([document("a", "Vela", version=1)])
    await search_lab.index.remove([Removal("a", 2), Removal("b", 5)])
    await search_lab.index.put([document("a", "Vela", version=1), document("b", "Vela", version=4)])
    assert await search_lab.find("vela") == []
    assert (await search_lab.index.count(), await search_lab.index.versions(after="", limit=10)) == (0, [])
    await search_lab.index.put([document("a", "Vela", version=3)])
    assert await search_lab.find("vela") == ["a"]


async def test_an_old_removal_leaves_a_newer_document(search_lab: Lab) -> None:
    await search_lab.index.put([document("a", "Vela", version=3)])
    await search_lab.index.remove([Removal("a", 2)])
    assert await search_lab.find("vela") == ["a"]


async def test_versions_are_listed_by_id_in_pages(search_lab: Lab) -> None:
    await search_lab.index.put([document(f"p{n}", "Vela", version=n + 1) for n in range(5)])
    first = await search_lab.index.versions(after="", limit=3)
    rest = await search_lab.index.versions(after=first[-1][0], limit=3)
    assert [*first, *rest] == [(f"p{n}", n + 1) for n in range(5)]
    assert await search_lab.index.count() == 5


async def test_a_rebuild_swaps_at_once_and_loses_no_news(search_lab: Lab) -> None:
    index = search_lab.index
    await index.put([document("old", "Vela"), document("changing", "Vela"), document("going", "Vela")])
    generation = await index.begin_rebuild()
    await index.put([document("changing", "Vela mudada", version=2), document("coming", "Vela")])
    await index.remove([Removal("going", 2)])
    await index.put_into(
        generation, [document("changing", "Vela"), document("going", "Vela"), document("kept", "Vela")]
    )
    assert set(await search_lab.find("vela")) == {"old", "changing", "coming"}
    await index.finish_rebuild(generation)
    assert set(await search_lab.find("vela")) == {"kept", "changing", "coming"}
    assert await search_lab.find("mudada") == ["changing"]


async def test_of_rebuilds_at_once_each_is_done_or_lost_and_the_index_stays_whole(search_lab: Lab) -> None:
    index = search_lab.index
    names = [f"p{n}" for n in range(6)]
    await index.put([document(name, "Vela") for name in names])

    async def rebuild() -> bool:
        try:
            generation = await index.begin_rebuild()
            for name in names:
                await index.put_into(generation, [document(name, "Vela")])
            await index.finish_rebuild(generation)
        except RebuildLost:
            return False
        return True

    for _ in range(3):
        done = await asyncio.gather(rebuild(), rebuild(), rebuild())
        assert any(done)
        assert sorted(await search_lab.find("vela")) == names
    assert await rebuild()
    await index.put([document("p0", "Vela nova", version=2)])  # into the one index that is live
    assert await search_lab.find("nova") == ["p0"]
    assert await index.count() == len(names)


async def test_readers_never_find_an_empty_index_while_it_is_swapped(search_lab: Lab) -> None:
    index, empty, stop = search_lab.index, 0, False
    await index.put([document("a", "Vela")])

    async def read() -> None:
        nonlocal empty
        while not stop:
            empty += await search_lab.find("vela") != ["a"]

    readers = [asyncio.create_task(read()) for _ in range(3)]
    for _ in range(4):
        generation = await index.begin_rebuild()
        await index.put_into(generation, [document("a", "Vela")])
        await index.finish_rebuild(generation)
    stop = True
    await asyncio.gather(*readers)
    assert empty == 0


async def test_only_one_rebuild_counts(search_lab: Lab) -> None:
    index = search_lab.index
    await index.put([document("a", "Vela")])
    first = await index.begin_rebuild()
    second = await index.begin_rebuild()
    for lost in (index.put_into(first, [document("b", "Vela")]), index.finish_rebuild(first)):
        with pytest.raises(RebuildLost):
            await lost
    await index.abandon_rebuild(first)
    await index.abandon_rebuild(second)
    with pytest.raises(RebuildLost):
        await index.finish_rebuild(second)
    for nonsense in ("", "x", "9" * 30):
        with pytest.raises(RebuildLost):
            await index.put_into(nonsense, [])
    assert await search_lab.find("vela") == ["a"]


async def test_making_ready_twice_at_once_makes_one_index(search_lab: Lab) -> None:
    await search_lab.index.put([document("a", "Vela")])
    await asyncio.gather(*(search_lab.index.prepare() for _ in range(4)))
    assert await search_lab.find("vela") == ["a"]


async def test_writers_of_the_same_products_at_once_all_come_to_an_end(search_lab: Lab) -> None:
    documents = [document(f"p{n}", f"Vela {n}") for n in range(40)]
    newer = [document(f"p{n}", f"Vaso {n}", version=2) for n in range(40)]
    await asyncio.gather(
        *(search_lab.index.put(batch) for batch in (documents, newer[::-1], documents[::-1], newer, documents))
    )
    assert (await search_lab.find("vela"), (await search_lab.ask("vaso")).total) == ([], 40)


async def test_a_database_that_is_away_is_search_that_is_away(database_url: str) -> None:
    pool = await asyncpg.create_pool(database_url, min_size=0, max_size=1)
    index = PostgresIndex(pool)
    with pytest.raises(SearchUnavailable):
        await Lab(index).find("vela")  # never made
    await pool.close()
    with pytest.raises(SearchUnavailable):
        await Lab(index).find("vela")
