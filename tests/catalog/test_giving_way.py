"""Whatever a merchant sends, the loop goes on: hostile streams, forms and rows, measured in CPU time between two yields."""

import gzip
import json
from typing import Any

import pytest

from renga.domains.catalog.intake.streams import STREAM_LINES_MAX
from renga.domains.catalog.rest.shared import ROWS
from tests.catalog.selling import ADMIN, POTTER, Shop, outcomes
from tests.catalog.shop import row
from tests.loop_watch import LoopWatch

MEBIBYTE = 1 << 20


def line(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def filled(prefix: str, entry: str, suffix: str, size: int = MEBIBYTE - 100) -> bytes:
    """One row of about ``size`` bytes: entries are numbered."""
    parts, length = [], len(prefix) + len(suffix)
    for number in range(size):
        parts.append(entry.replace("#", str(number)))
        length += len(parts[-1]) + 1
        if length > size:
            break
    return f"{prefix}{','.join(parts)}{suffix}\n".encode()


HEAD = '{"slug":"x","title":"x","variants":[{"sku":"X"}],'
#: Name, body, whether it is packed, what the last line says.
STREAMS: list[tuple[str, bytes, bool, str | None]] = [
    ("five megabytes of line breaks, packed", gzip.compress(b"\n" * (5 * MEBIBYTE)), True, "stream_too_many_lines"),
    ("five megabytes of line breaks", b"\r\n" * (5 * MEBIBYTE // 2), False, "stream_too_many_lines"),
    ("300 KB that unpack to 300 MB", gzip.compress(b"\n" + b" " * (300 * MEBIBYTE)), True, "stream_expands_too_much"),
    ("one line of 60 MB", b'{"slug":"' + b"x" * (60 * MEBIBYTE), False, None),
    ("one line of 60 MB, packed", gzip.compress(b'{"slug":"' + b"x" * (60 * MEBIBYTE)), True, None),
    ("100,000 empty rows after the last that is taken", b"1\n" * 100_000 + b"\n" * 100_000, False, None),
    ("100,000 more rows than are taken", b"{}\n" * 200_000, False, "too_many_rows"),
    ("a hundred thousand empty members", gzip.compress(b"") * 100_000, True, None),
    ("rows that are each wrong in a hundred ways", line(row("x", variants=[{"a": 1}] * 200)) * 500, False, None),
    ("rows with members that nobody knows", filled("{", '"a#":1', "}") * 5, False, None),
    ("rows with variants of unknown members", filled('{"slug":"x","title":"x","variants":[{', '"a#":1', "}]}") * 5, False, None),
    ("rows with a long list of categories", filled(HEAD + '"categories":[', '"a#"', "]}") * 5, False, None),
    ("rows with media of unknown members", filled(HEAD + '"media":[{', '"a#":1', "}]}") * 5, False, None),
    ("rows with lists in lists", filled(HEAD + '"attributes":{"a":[', "[[]]", "]}}") * 5, False, None),
    ("rows with texts in many languages", filled('{"slug":"x","variants":[{"sku":"X"}],"title":{', '"a#":"x"', "}}") * 5, False, None),
]  # fmt: skip


@pytest.mark.parametrize(("body", "packed", "code"), [one[1:] for one in STREAMS], ids=[one[0] for one in STREAMS])
async def test_a_stream_never_stops_the_loop(shop: Shop, body: bytes, packed: bool, code: str | None) -> None:
    headers = {"Content-Type": ROWS} | ({"Content-Encoding": "gzip"} if packed else {})
    with LoopWatch() as watch:
        answer = await shop.as_(POTTER).post("/v1/catalog/bulk", content=body, headers=headers)
    print(f"{watch.longest_ms:.1f} ms")
    assert answer.status_code == 200
    assert outcomes(answer)[-1].get("code") == code
    watch.check()


async def test_a_batch_of_many_variants_is_written_in_parts(shop: Shop) -> None:
    many = b"".join(
        line(row(f"p{number}", variants=[{"sku": f"S{number}-{n}", "prices": {"BRL": n}} for n in range(200)]))
        for number in range(150)
    )
    with LoopWatch() as watch:
        answer = await shop.as_(POTTER).post("/v1/catalog/bulk", content=many, headers={"Content-Type": ROWS})
    print(f"{watch.longest_ms:.1f} ms {watch.dearest}")
    assert outcomes(answer)[-1]["created"] == 150
    watch.check()
