"""``python -m bench.search``: how well each index orders its answers (NDCG), and with ``--products`` how fast it is.

The engines are those of the tests, started on folders of their own; ``--opensearch`` and ``--elasticsearch`` name servers that
run already (indexes with a prefix of the bench's are made there, and stay).
"""

import argparse
import itertools
import logging
import sys
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import structlog

from bench import catalogue_generator, icecat, judgements
from bench.figures import percentile
from bench.judgements import Judged
from bench.ndcg import DEPTH, ndcg
from bench.search_sets import generated_documents, icecat_documents
from renga.kernel.clock import SystemClock
from renga.kernel.ids import id_source
from renga.platform.postgres import migrations
from renga.platform.postgres.pool import open_pool
from renga.platform.running import run_until_signal
from renga.search.contract import SearchQuery
from renga.search.document import Document
from renga.search.wiring import SearchRooms
from tests.catalog.fake import FakeCatalog
from tests.engines import elasticsearch, opensearch, postgres
from tests.engines.process import new_folder, remove_folder

REMOTE = {"opensearch": opensearch, "elasticsearch": elasticsearch}
POSTGRES = "postgresql"
BATCH = 500
QUERIES, WARM_UP = 400, 40
#: Letters that a shopper has typed when suggestions are asked for.
TYPED = 4


async def database_of(stack: AsyncExitStack) -> "asyncpg.Pool[asyncpg.Record]":
    """A new PostgreSQL: one of the engines, and what merchandisers rule for all of them (nothing)."""
    server = postgres.start(_folder("postgres", stack))
    stack.callback(server.discard)
    await migrations.upgrade(server.url, migrations.discover())
    pool = await open_pool(server.url)
    stack.push_async_callback(pool.close)
    return pool


async def rooms_of(
    name: str, given: str | None, pool: "asyncpg.Pool[asyncpg.Record]", stack: AsyncExitStack
) -> SearchRooms:
    """Search on an engine that is started for it, or on the server that is given."""
    url = given or ""
    if name in REMOTE and not given:
        if reason := REMOTE[name].available() or REMOTE[name].prepare():
            raise SystemExit(f"{name}: {reason}")
        server = REMOTE[name].start(_folder(name, stack))
        stack.callback(server.discard)
        url = server.url
    clock = SystemClock()
    remote = f"{url}/renga-bench" if url else ""
    rooms = SearchRooms(remote, pool=pool, catalog=FakeCatalog.demo(), clock=clock, new_id=id_source(clock))
    stack.push_async_callback(rooms.close)
    return rooms


def _folder(name: str, stack: AsyncExitStack) -> Path:
    folder = new_folder(name)
    stack.callback(remove_folder, folder)
    return folder


async def fill(rooms: SearchRooms, documents: Iterable[Document]) -> float:
    """A new generation of these documents alone; how many were taken a second."""
    await rooms.index.prepare()
    generation = await rooms.index.begin_rebuild()
    count, began = 0, time.perf_counter()
    for batch in _batched(documents):
        await rooms.index.put_into(generation, batch)
        count += len(batch)
    await rooms.index.finish_rebuild(generation)
    return count / (time.perf_counter() - began)


def _batched(documents: Iterable[Document]) -> Iterable[tuple[Document, ...]]:
    left = iter(documents)
    while batch := tuple(itertools.islice(left, BATCH)):
        yield batch


async def judged(rooms: SearchRooms, queries: Sequence[Judged], misses: list[str]) -> dict[str, list[float]]:
    """NDCG of each query, by kind; ``misses`` takes what was not answered as well as can be."""
    scores: dict[str, list[float]] = defaultdict(list)
    for one in queries:
        page = await rooms.search.search(SearchQuery(text=one.text, language=one.language, limit=DEPTH, facets=()))
        found = [hit.slug for hit in page.hits]
        score = ndcg(found, one.grades)
        scores[one.kind].append(score)
        if score < 1:
            misses.append(f"{score:.3f}  {one.kind:<14} {one.text}: {', '.join(found[:5]) or 'nothing'}")
    return scores


async def timed(texts: Sequence[str], ask: Callable[[str], Awaitable[object]]) -> list[float]:
    """Milliseconds of each question but the first ones, in ascending order."""
    taken = []
    for text in texts:
        began = time.perf_counter()
        await ask(text)
        taken.append((time.perf_counter() - began) * 1_000)
    return sorted(taken[WARM_UP:])


async def speed(rooms: SearchRooms) -> dict[str, list[float]]:
    """One question at a time, as shoppers ask them: with facets, for a page; and the first letters of each."""
    texts = list(catalogue_generator.queries(QUERIES + WARM_UP))
    return {
        "search": await timed(texts, lambda text: rooms.search.search(SearchQuery(text=text))),
        "browse": await timed(texts[: WARM_UP * 2], lambda _: rooms.search.search(SearchQuery())),
        "suggest": await timed([text[:TYPED] for text in texts], rooms.search.suggest),
    }


def relevance_table(title: str, scores: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Kinds down, engines across."""
    kinds = sorted({kind for one in scores.values() for kind in one})
    lines = [f"NDCG@{DEPTH}, {title}", f"{'':<18}" + "".join(f"{name:>15}" for name in scores) + f"{'queries':>9}"]
    for kind in kinds:
        row = [list(one.get(kind, ())) for one in scores.values()]
        lines.append(f"{kind:<18}" + "".join(f"{_mean(one):>15.4f}" for one in row) + f"{len(row[0]):>9}")
    every = [[score for kind in one.values() for score in kind] for one in scores.values()]
    lines.append(f"{'all':<18}" + "".join(f"{_mean(one):>15.4f}" for one in every) + f"{len(every[0]):>9}")
    return "\n".join(lines)


def speed_table(
    products: int, measured: Mapping[str, Mapping[str, Sequence[float]]], rates: Mapping[str, float]
) -> str:
    lines = [f"{products:,} generated products, one question at a time", f"{'ms':<26}{'p50':>9}{'p95':>9}{'p99':>9}"]
    for name, ways in measured.items():
        lines.append(f"{name}: {rates[name]:,.0f} documents/s taken")
        for way, taken in ways.items():
            cells = "".join(f"{percentile(taken, percent):>9.1f}" for percent in (50, 95, 99))
            lines.append(f"  {way:<24}{cells}")
    return "\n".join(lines)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


async def measure(options: argparse.Namespace) -> None:
    """Everything on one engine after the other; what is found out is printed as soon as all engines said it."""
    demo, bought, quick, rates = {}, {}, {}, {}
    misses: dict[str, list[str]] = {}
    icecat_queries = judgements.load("icecat") if options.icecat else []
    if options.icecat:
        icecat_queries = judgements.grade(icecat_queries, map(icecat.row, icecat.records(options.icecat)))
    for name in options.engines.split(","):
        async with AsyncExitStack() as stack:
            rooms = await rooms_of(name, getattr(options, name, None), await database_of(stack), stack)
            misses[name] = []
            await rooms.rebuild()
            demo[name] = await judged(rooms, judgements.load("demo"), misses[name])
            if options.icecat:
                await fill(rooms, icecat_documents(options.icecat))
                bought[name] = await judged(rooms, icecat_queries, misses[name])
            if options.products:
                rates[name] = await fill(rooms, generated_documents(options.products))
                quick[name] = await speed(rooms)
    tables = [relevance_table("demo shop", demo)]
    tables += [relevance_table("Icecat", bought)] if bought else []
    tables += [speed_table(options.products, quick, rates)] if quick else []
    if options.misses:
        tables += ["\n".join([f"{name}, less than the best:", *sorted(lines)]) for name, lines in misses.items()]
    sys.stdout.write("\n\n".join(tables) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.search", description=__doc__)
    parser.add_argument(
        "--engines", default=",".join((POSTGRES, *REMOTE)), help="which, by comma (default: %(default)s)"
    )
    parser.add_argument("--opensearch", metavar="URL", help="an OpenSearch that runs already")
    parser.add_argument("--elasticsearch", metavar="URL", help="an Elasticsearch that runs already")
    parser.add_argument("--icecat", type=Path, metavar="PATH", help="the Icecat file: its judged queries, too")
    parser.add_argument("--products", type=int, default=0, metavar="N", help="so many generated products: speed, too")
    parser.add_argument("--misses", action="store_true", help="name the queries that were answered less than best")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    run_until_signal(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
