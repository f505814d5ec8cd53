"""Imports: all or nothing, skipping on request, resuming after a crash, and a report that adds up."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from renga.domains.catalog.feeds.outcomes import ImportRefused, RowProblem
from renga.domains.catalog.intake.import_products import import_products
from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.model import limits
from renga.domains.catalog.ports import ImportMark
from renga.domains.catalog.stores.postgres import PostgresProducts
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from renga.kernel.ids import id_source
from tests.catalog.shop import events_of, row, slugs_of, write_jsonl

Pool = asyncpg.Pool


async def refused(catalog: CatalogService, path: Path, **options: Any) -> ImportRefused:
    with pytest.raises(ImportRefused) as refusal:
        await catalog.import_products(path, **options)
    return refusal.value


async def test_a_file_is_imported_and_a_second_time_changes_nothing(
    catalog: CatalogService, pool: Pool, tmp_path: Path
) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", *(row(f"p{n}") for n in range(30)))
    report = await catalog.import_products(path)
    assert (report.rows, report.created, report.changed, report.unchanged, report.skipped) == (30, 30, 0, 0, 0)
    told = await events_of(pool)
    assert len(told) == 30
    report = await catalog.import_products(path)
    assert (report.rows, report.created, report.changed, report.unchanged) == (30, 0, 0, 30)
    assert await events_of(pool) == told
    assert await slugs_of(pool) == [f"p{n}" for n in range(30)]


async def test_one_bad_row_and_nothing_is_written(catalog: CatalogService, pool: Pool, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", row("a"), "[5]", row("c", brand=5), row("d"))
    refusal = await refused(catalog, path)
    assert refusal.problems == (
        RowProblem(2, "", "is not a JSON object"),
        RowProblem(3, "brand", "must be a text, not a number"),
    )
    assert refusal.detail == ("2 of 4 rows are bad, nothing was written; line 2: is not a JSON object")
    assert await slugs_of(pool) == []
    assert await events_of(pool) == []


async def test_bad_rows_are_skipped_and_counted_on_request(catalog: CatalogService, pool: Pool, tmp_path: Path) -> None:
    await catalog.upsert([row("owner")])
    path = write_jsonl(
        tmp_path / "a.jsonl",
        row("a"),
        "nonsense",
        row("c", variants=[{"sku": "C", "prices": {"XXX": 1}}]),
        row("d", variants=[{"sku": "OWNER"}]),
        row("e"),
    )
    report = await catalog.import_products(path, skip_bad=True)
    assert (report.rows, report.created, report.skipped, report.problems_total) == (5, 2, 3, 3)
    assert [(problem.line, problem.field) for problem in report.problems] == [
        (2, ""),
        (3, "variants[0].prices.XXX"),
        (4, "variants[0].sku"),
    ]
    assert report.problems[2].reason == "'OWNER' of 'd' already belongs to the product 'owner'"
    assert await slugs_of(pool) == ["owner", "a", "e"]


async def test_only_the_first_problems_are_kept_and_all_are_counted(catalog: CatalogService, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", *(row(f"p{n}", title=None) for n in range(100)))
    refusal = await refused(catalog, path)
    assert (len(refusal.problems), refusal.problems_total) == (20, 100)
    assert refusal.problems[19].line == 20


async def test_a_sku_or_slug_twice_in_one_file_names_both_lines(
    catalog: CatalogService, pool: Pool, tmp_path: Path
) -> None:
    path = write_jsonl(
        tmp_path / "a.jsonl", row("a"), row("b", variants=[{"sku": "A"}]), row("a", variants=[{"sku": "Z"}])
    )
    refusal = await refused(catalog, path)
    assert refusal.problems == (
        RowProblem(2, "variants[0].sku", "'A' of 'b' is also on line 1, of 'a'"),
        RowProblem(3, "slug", "'a' is also the product on line 1"),
    )
    assert await slugs_of(pool) == []


async def test_flat_csv_rows_are_products_and_a_product_column_groups_variants(
    catalog: CatalogService, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "product;sku;title;price;currency;options.size;ean\n"
        "Camiseta;CAM-P;Camiseta Riso;59.90;BRL;P;96385074\n"
        'Camiseta;CAM-M;;59.9;BRL;"M ""médio""";\n'
        ";MUG;Caneca;5;BRL;;\n",
        encoding="utf-8-sig",
    )
    report = await catalog.import_products(path)
    assert (report.rows, report.created) == (3, 2)
    shirt = await catalog.product("camiseta")
    assert shirt.title == {"pt-BR": "Camiseta Riso"}
    assert [(v.sku, v.prices, v.options) for v in shirt.variants] == [
        ("CAM-P", {"BRL": 5990}, {"size": {"pt-BR": "P"}}),
        ("CAM-M", {"BRL": 5990}, {"size": {"pt-BR": 'M "médio"'}}),
    ]
    assert (await catalog.product("caneca")).variants[0].prices == {"BRL": 500}


async def test_a_product_with_one_bad_row_is_skipped_whole(catalog: CatalogService, pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "product,sku,title,price,currency\n"
        "A,A-1,A,1,BRL\nA,A-2,A,x,BRL\nA,A-3\nA,A-4,other,1,BRL\nB,B-1,B,1,BRL\nA,A-5,A,1,BRL\n"
    )
    refusal = await refused(catalog, path)
    assert [(problem.line, problem.field) for problem in refusal.problems] == [(3, "price"), (4, ""), (5, "title")]
    report = await catalog.import_products(path, skip_bad=True)
    assert (report.rows, report.skipped, report.created) == (6, 4, 2)
    assert await slugs_of(pool) == ["b", "a"]


async def test_rows_with_prices_but_no_currency_say_what_to_do(catalog: CatalogService, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", {"sku": "A", "title": "A", "price_minor": 5, "id": "1"})
    assert (await refused(catalog, path)).detail == (
        "1 of 1 rows are bad, nothing was written; line 1: currency: is missing, but there is a price "
        '(give a mapping that says currency = "…": --mapping FILE, see docs/guides/import.md)'
    )


async def test_fields_that_nobody_understood_are_told(catalog: CatalogService, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", row("a", weight=3, colour="x"))
    assert (await catalog.import_products(path)).ignored == ("colour", "weight")
    path = write_jsonl(tmp_path / "b.jsonl", {"codigo": "A", "titulo": "A"})
    assert "fields not understood without a mapping: codigo, titulo" in (await refused(catalog, path)).detail


async def test_a_mapping_turns_foreign_rows_into_products(catalog: CatalogService, tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('currency = "BRL"\nlanguage = "en"\n[fields]\nsku = "id"\ntitle = "t"\nprice = "p"\n')
    path = write_jsonl(tmp_path / "a.jsonl", {"id": 7, "t": "Green Tea", "p": "12.5", "x": 1})
    report = await catalog.import_products(path, mapping=mapping)
    assert (report.created, report.ignored) == (1, ())
    product = await catalog.product("green-tea")
    assert product.title == {"en": "Green Tea"}
    assert (product.variants[0].sku, product.variants[0].prices) == ("7", {"BRL": 1250})


@pytest.mark.parametrize("skip_bad", [False, True])
async def test_a_file_that_breaks_off_is_refused_even_when_bad_rows_are_skipped(
    catalog: CatalogService, pool: Pool, tmp_path: Path, skip_bad: bool
) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(row(f"p{n}")) + "\n" for n in range(3000)).encode())[:-20])
    assert "the file breaks off after line" in (await refused(catalog, path, skip_bad=skip_bad)).detail
    assert await slugs_of(pool) == []


async def test_a_file_without_rows_is_refused(catalog: CatalogService, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sku,title\n")
    assert (await refused(catalog, path)).detail == f"{path} holds no rows"


async def test_the_standard_input_is_read_like_a_file(catalog: CatalogService, pool: Pool) -> None:
    report = await catalog.import_products("-", stdin=io.BytesIO(gzip.compress(json.dumps(row()).encode())))
    assert report.created == 1
    assert await slugs_of(pool) == ["mug"]


async def test_progress_is_told_from_the_first_row_to_the_last(
    catalog: CatalogService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BATCH_PRODUCTS_MAX", 4)
    monkeypatch.setattr(limits, "CHECK_CHUNK_ROWS", 5)
    path = write_jsonl(tmp_path / "a.jsonl", *(row(f"p{n}") for n in range(11)))
    told: list[tuple[int, int | None]] = []
    await catalog.import_products(path, progress=lambda done, total: told.append((done, total)))
    assert told == [(5, None), (10, None), (4, 11), (8, 11), (11, 11)]


class DyingStore(PostgresProducts):
    """Dies at the n-th write."""

    def __init__(self, pool: Pool, writes: int) -> None:
        super().__init__(pool)
        self.writes = writes

    async def write(self, changes: Any, mark: ImportMark | None = None) -> None:
        if self.writes == 0:
            raise Unavailable("killed")
        self.writes -= 1
        await super().write(changes, mark)


async def die_midway(pool: Pool, path: Path, clock: ManualClock, *, writes: int) -> None:
    with pytest.raises(Unavailable):
        await import_products(DyingStore(pool, writes), path, clock=clock, new_id=id_source(clock))


class CountingStore(PostgresProducts):
    """Remembers which products it was asked about."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.seen: list[str] = []

    async def by_slug(self, slugs: Any) -> Any:
        self.seen += slugs
        return await super().by_slug(slugs)


async def test_an_import_that_died_midway_goes_on_where_it_was(
    pool: Pool, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BATCH_PRODUCTS_MAX", 3)
    path = write_jsonl(tmp_path / "a.jsonl", *(row(f"p{n}") for n in range(10)))
    await die_midway(pool, path, clock, writes=2)
    assert await slugs_of(pool) == [f"p{n}" for n in range(6)]
    store = CountingStore(pool)
    report = await import_products(store, path, clock=clock, new_id=id_source(clock))
    assert (report.rows, report.resumed, report.created, report.unchanged) == (10, 6, 4, 0)
    assert store.seen == ["p6", "p7", "p8", "p9"]
    assert await slugs_of(pool) == [f"p{n}" for n in range(10)]
    assert len(await events_of(pool)) == 10
    report = await import_products(store, path, clock=clock, new_id=id_source(clock))
    assert (report.resumed, report.unchanged) == (0, 10)


@pytest.mark.parametrize("change", ["file", "time", "other import"])
async def test_another_file_or_an_old_mark_starts_from_the_first_row(
    pool: Pool, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(limits, "BATCH_PRODUCTS_MAX", 3)
    rows = [row(f"p{n}") for n in range(10)]
    path = write_jsonl(tmp_path / "a.jsonl", *rows)
    await die_midway(pool, path, clock, writes=2)
    if change == "file":
        write_jsonl(path, *rows, row("p10"))
    elif change == "time":
        clock.advance(ms=limits.RESUME_WITHIN_MS + 1)
    else:
        other = write_jsonl(tmp_path / "b.jsonl", row("other"))
        await import_products(PostgresProducts(pool), other, clock=clock, new_id=id_source(clock))
    report = await import_products(PostgresProducts(pool), path, clock=clock, new_id=id_source(clock))
    assert (report.resumed, report.unchanged) == (0, 6)


class RacingStore(PostgresProducts):
    """Somebody else takes a sku between the check and the write."""

    def __init__(self, pool: Pool, catalog: CatalogService) -> None:
        super().__init__(pool)
        self._catalog = catalog

    async def import_mark(self) -> ImportMark | None:
        await self._catalog.upsert([row("rival", variants=[{"sku": "P1"}])])
        return None


async def test_a_sku_taken_during_the_import_is_a_bad_row_too(
    catalog: CatalogService, pool: Pool, clock: ManualClock, tmp_path: Path
) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", *(row(f"p{n}") for n in range(3)))
    store = RacingStore(pool, catalog)
    with pytest.raises(ImportRefused) as refusal:
        await import_products(store, path, clock=clock, new_id=id_source(clock))
    assert refusal.value.problems == (
        RowProblem(2, "variants[0].sku", "'P1' of 'p1' already belongs to the product 'rival'"),
    )
    assert await slugs_of(pool) == ["rival"]
    report = await import_products(store, path, skip_bad=True, clock=clock, new_id=id_source(clock))
    assert (report.rows, report.created, report.skipped) == (3, 2, 1)
    assert await slugs_of(pool) == ["rival", "p0", "p2"]
