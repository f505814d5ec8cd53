"""``python -m bench.search``: ranking quality (NDCG@10) and latency, on every search engine of this machine.

Fills each index with the demo shop, with the Icecat file if it is given (``--icecat``), with generated products (``--products``).
Servers come from ``tests/engines``: PostgreSQL always, OpenSearch and Elasticsearch where a JDK and Maven are.
"""

import argparse
import secrets
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from bench import catalogue_generator, icecat
from bench.judgements import DEMO_PRODUCTS, Judged, Row, grade, load
from bench.ndcg import ndcg
from renga.apps.modules import DECLARED
from renga.domains.catalog.contract import Category, Product, ProductType, RowInvalid
from renga.domains.catalog.model import decide
from renga.domains.catalog.rows.drafts import draft_of
from renga.domains.search.asking import variants
from renga.domains.search.contract import SearchQuery
from renga.domains.search.model.document import (
    Document,
    FacetNumber,
    FacetValue,
    LanguageText,
    TaxonomyTexts,
    document_of,
)
from renga.domains.search.ports import IndexQuestion, SearchIndex
from renga.domains.search.stores.opensearch.index import OpenSearchIndex
from renga.domains.search.stores.postgres.index import PostgresIndex
from renga.domains.search.thesaurus import common
from renga.platform.postgres.migrations import upgrade
from renga.platform.postgres.pool import open_pool
from renga.platform.running import run_until_signal
from tests.engines.registry import Registry

GOAL, APART = 0.85, 0.05
GOAL_P95_MS = 25.0
AT = "2026-11-25T00:00:00.000Z"
BATCH = 500
QUERIES, WARM_UP = 400, 40

Opened = AsyncIterator[tuple[str, SearchIndex]]


@asynccontextmanager
async def postgres(registry: Registry, memory_mb: int) -> Opened:
    running = registry.start_private("postgres", f"shared_buffers={memory_mb}MB", "max_wal_size=4GB")
    await upgrade(running.url, DECLARED.migrations)
    pool = await open_pool(running.url)
    try:
        yield running.version, PostgresIndex(pool)
    finally:
        await pool.close()
        running.discard()


def cluster(name: str) -> Callable[[Registry, int], Any]:
    @asynccontextmanager
    async def opened(registry: Registry, memory_mb: int) -> Opened:
        running = registry.start_private(name, heap_mb=memory_mb)
        index = OpenSearchIndex(running.url.replace("http://", f"{name}://") + f"/b{secrets.token_hex(4)}")
        try:
            yield running.version, index
        finally:
            await index.close()
            running.discard()

    return opened


ENGINES: dict[str, Callable[[Registry, int], Any]] = {
    "postgres": postgres,
    "opensearch": cluster("opensearch"),
    "elasticsearch": cluster("elasticsearch"),
}


class Catalogue(msgspec.Struct, frozen=True):
    """The documents of an index and the sets of queries against it."""

    documents: Callable[[], Iterable[Document]]
    sets: Mapping[str, list[Judged]]


def judged(name: str, rows: Sequence[Row]) -> dict[str, list[Judged]]:
    """The queries that search was tuned on, and the unseen ones."""
    return {name: grade(load(name), rows), f"{name}, unseen": grade(load(f"{name}_unseen"), rows)}


def _product(row: dict[str, Any], product_id: str, types: Mapping[str, ProductType] | None = None) -> Product:
    change = decide(None, draft_of(row, types or {}), at=AT, new_id=lambda: product_id)
    assert change is not None
    return change.product


def demo() -> Iterator[Document]:
    categories = msgspec.json.Decoder(Category).decode_lines((DEMO_PRODUCTS.parent / "categories.jsonl").read_bytes())
    types = msgspec.json.Decoder(ProductType).decode_lines((DEMO_PRODUCTS.parent / "product_types.jsonl").read_bytes())
    taxonomy = TaxonomyTexts.of(categories, types)
    for row in msgspec.json.Decoder(dict).decode_lines(DEMO_PRODUCTS.read_bytes()):
        yield document_of(_product(row, row["slug"], taxonomy.types), taxonomy)


def icecat_documents(path: Path) -> Iterator[Document]:
    """Rows that are no product (a GTIN of eleven digits, say) are left out."""
    taxonomy = TaxonomyTexts.of((), ())
    for record in icecat.records(path):
        row = {
            "slug": f"i-{record['id']}",
            "language": "en",
            "title": record["title"],
            "description": record["short_description"],
            "brand": record["brand"],
            "attributes": {name[2:]: value for name, value in record["attributes"].items()} | {"mpn": record["sku"]},
            "variants": [
                {"sku": record["id"], "gtin": next(iter(record["ean"]), None), "prices": {"USD": record["price_minor"]}}
            ],
        }
        try:
            yield document_of(_product(row, record["id"]), taxonomy)
        except RowInvalid:
            continue


def generated(count: int) -> Iterator[Document]:
    for one in catalogue_generator.products(count):
        values = [FacetValue("brand", one.brand), FacetValue("category", one.category)]
        values += [FacetValue(f"attribute.{name}", value) for name, value in one.texts.items()]
        yield Document(
            product_id=f"{one.number:08d}",
            version=1,
            slug=one.slug,
            texts={
                "pt": LanguageText(
                    title=one.title, words=f"{one.brand} {' '.join(one.texts.values())}", body=one.description
                )
            },
            titles={"pt-BR": one.title},
            brand=one.brand,
            keys={one.sku.replace("-", "").lower(): one.sku, one.gtin: one.sku},
            channels=("*",),
            prices={"BRL": one.price_minor},
            values=tuple(values),
            numbers=tuple(FacetNumber(f"attribute.{name}", number) for name, number in one.numbers.items()),
            popularity=one.popularity,
            available=one.available,
            created_at=f"2026-01-01T00:{one.day % 60:02}:{one.day % 59:02}.000Z",
        )


async def fill(index: SearchIndex, documents: Iterable[Document]) -> tuple[int, float]:
    """Fill the index; returns the number of documents and the seconds."""
    await index.prepare()
    generation = await index.begin_rebuild()
    began, count, batch = time.monotonic(), 0, list[Document]()
    for one in documents:
        batch.append(one)
        if len(batch) == BATCH:
            await index.put_into(generation, batch)
            count, batch = count + len(batch), []
    await index.put_into(generation, batch)
    await index.finish_rebuild(generation)
    return count + len(batch), time.monotonic() - began


async def answers(index: SearchIndex, text: str, language: str) -> list[str]:
    """The first page as a shopper gets it, with spelling correction if nothing is found."""
    hits = (await index.search(_question(text, language))).hits
    if not hits and (better := await index.correct(text, language=language)):
        hits = (await index.search(_question(better, language))).hits
    return [hit.product_id for hit in hits]


def _question(text: str, language: str, facets: tuple[str, ...] | None = ()) -> IndexQuestion:
    texts = variants(text, common(language), language)
    return IndexQuestion(query=SearchQuery(text=text, language=language, limit=10, facets=facets), texts=texts)


async def relevance(index: SearchIndex, queries: Iterable[Judged]) -> dict[str, list[float]]:
    """NDCG@10 of the queries, by kind."""
    found: dict[str, list[float]] = {}
    for query in queries:
        value = ndcg(await answers(index, query.text, query.language), query.grades)
        found.setdefault(query.kind, []).append(value)
    return found


async def latency(index: SearchIndex) -> dict[str, tuple[float, float, float]]:
    """p50, p95 and p99 in ms: hits alone, hits with facets, suggestions."""
    texts = catalogue_generator.queries(QUERIES)
    ways: dict[str, Callable[[str], Any]] = {
        "search": lambda text: index.search(_question(text, "pt-BR")),
        "search, facets": lambda text: index.search(_question(text, "pt-BR", None)),
        "suggest": lambda text: index.suggest(text[:4], language="pt-BR", channel="web", limit=8),
    }
    measured = {}
    for name, ask in ways.items():
        taken = []
        for text in [*texts[:WARM_UP], *texts]:
            began = time.perf_counter()
            await ask(text)
            taken.append((time.perf_counter() - began) * 1000)
        cuts = statistics.quantiles(taken[WARM_UP:], n=100)
        measured[name] = (cuts[49], cuts[94], cuts[98])
    return measured


def _print_relevance(name: str, by_engine: dict[str, dict[str, list[float]]]) -> None:
    print(f"\nNDCG@10, {name}\n{'kind':<16} {'n':>4} " + " ".join(f"{engine:>14}" for engine in by_engine))
    kinds = next(iter(by_engine.values()))
    for kind in kinds:
        row = " ".join(f"{statistics.mean(found[kind]):>14.3f}" for found in by_engine.values())
        print(f"{kind:<16} {len(kinds[kind]):>4} {row}")
    means = {
        engine: statistics.mean(v for values in found.values() for v in values) for engine, found in by_engine.items()
    }
    print(f"{'all':<16} {sum(map(len, kinds.values())):>4} " + " ".join(f"{mean:>14.3f}" for mean in means.values()))
    if name == "demo":
        print(f"goal: at least {GOAL} each, PostgreSQL within {APART} of OpenSearch")


async def run(options: argparse.Namespace) -> None:
    registry = Registry()
    catalogues = {"demo": Catalogue(demo, judged("demo", []))}
    if options.icecat:
        rows = [icecat.row(record) for record in icecat.records(options.icecat)]
        catalogues["icecat"] = Catalogue(lambda: icecat_documents(options.icecat), judged("icecat", rows))
    found: dict[str, dict[str, dict[str, list[float]]]] = {
        name: {} for catalogue in catalogues.values() for name in catalogue.sets
    }
    for engine in options.engines or list(ENGINES):
        if reason := registry.missing(engine):
            print(f"{engine}: {reason}")
            continue
        async with ENGINES[engine](registry, options.memory_mb) as (version, index):
            print(f"{engine}: {version}")
            for name, catalogue in catalogues.items():
                count, seconds = await fill(index, catalogue.documents())
                for asked, queries in catalogue.sets.items():
                    found[asked][engine] = await relevance(index, queries)
                print(f"  {name}: {count} products in {seconds:.1f} s")
            if options.products:
                count, seconds = await fill(index, generated(options.products))
                print(f"  generated: {count} products in {seconds:.0f} s ({count / seconds:.0f}/s)")
                for way, (p50, p95, p99) in (await latency(index)).items():
                    goal = f"   goal: p95 < {GOAL_P95_MS:.0f}" if way == "search" else ""
                    print(f"  {way:<16} p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f} ms{goal}", flush=True)
    for name, by_engine in found.items():
        if by_engine:
            _print_relevance(name, by_engine)
    registry.stop_all()


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-search", description=__doc__)
    parser.add_argument("--icecat", type=Path, help="the Icecat file (JSON Lines, gzip)")
    parser.add_argument("--products", type=int, default=0, help="generated products for the times (1000000)")
    parser.add_argument("--engines", nargs="*", choices=list(ENGINES), help="only these")
    parser.add_argument(
        "--memory-mb", type=int, default=1024, help="what each server has for itself: heap, shared buffers"
    )
    options = parser.parse_args()
    if options.icecat and not options.icecat.is_file():
        sys.exit(f"{options.icecat} is not a file")
    run_until_signal(run(options))


if __name__ == "__main__":
    main()
