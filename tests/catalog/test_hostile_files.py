"""Files that an import refuses for the work that they would make: bombs, endless lines of nothing, rows of brackets."""

import gzip
from pathlib import Path

import pytest

from renga.domains.catalog.feeds import lines
from renga.domains.catalog.feeds.outcomes import ImportRefused
from renga.domains.catalog.local import CatalogService
from tests.catalog.shop import row, write_jsonl


async def test_a_bomb_is_refused(catalog: CatalogService, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    for content in (b"{\n" + b" " * (70 << 20), b"{\n" + (b" " * 1_000 + b"\n") * 70_000):
        path.write_bytes(gzip.compress(content))
        with pytest.raises(ImportRefused, match="unpacks to more than 200 times its size"):
            await catalog.import_products(path, skip_bad=True)


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
async def test_lines_of_nothing_have_an_end(
    catalog: CatalogService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr(lines, "FILE_LINES_MAX", 1_000)
    path = tmp_path / f"a.{suffix}"
    path.write_bytes((b'{"slug":1}\n' if suffix == "jsonl" else b"slug,title\n") + b"\n" * 2_000)
    with pytest.raises(ImportRefused, match="more than 1000 lines"):
        await catalog.import_products(path, skip_bad=True)


async def test_a_row_of_brackets_is_left_out(catalog: CatalogService, tmp_path: Path) -> None:
    wide = '{"slug":"x","attributes":{"a":[' + ",".join(["[]"] * 60_000) + "]}}"
    report = await catalog.import_products(write_jsonl(tmp_path / "a.jsonl", wide, row("mug")), skip_bad=True)
    assert (report.created, report.skipped) == (1, 1)
    assert "more than 50000 objects and lists" in report.problems[0].reason
