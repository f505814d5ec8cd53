"""Whatever a merchant sends, the loop goes on: hostile streams, forms and rows, measured in CPU time between two yields."""

import gzip
import json
from typing import Any

import pytest

from renga.domains.catalog.intake import bulk
from renga.domains.catalog.rest.shared import ROWS
from tests.catalog.selling import POTTER, Shop, outcomes
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
    ("100,000 empty rows after the last that is taken", b"1\n" * 1_000 + b"\n" * 100_000, False, None),
    ("100,000 more rows than are taken", b"1\n" * 101_000, False, "too_many_rows"),
    ("a hundred thousand empty members", gzip.compress(b"") * 100_000, True, None),
    ("rows that are each wrong in a hundred ways", line(row("x", variants=[{"a": 1}] * 200)) * 500, False, None),
    ("rows with members that nobody knows", filled("{", '"a#":1', "}") * 5, False, None),
    ("rows with variants of unknown members", filled('{"slug":"x","title":"x","variants":[{', '"a#":1', "}]}") * 5, False, None),
    ("rows with a long list of categories", filled(HEAD + '"categories":[', '"a#"', "]}") * 5, False, None),
    ("rows with media of unknown members", filled(HEAD + '"media":[{', '"a#":1', "}]}") * 5, False, None),
    ("rows with lists in lists", filled(HEAD + '"attributes":{"a":[', "[[]]", "]}}") * 5, False, None),
    ("rows with texts in many languages", filled('{"slug":"x","variants":[{"sku":"X"}],"title":{', '"a#":"x"', "}}") * 5, False,
     None),
]  # fmt: skip


@pytest.mark.parametrize(("body", "packed", "code"), [one[1:] for one in STREAMS], ids=[one[0] for one in STREAMS])
async def test_a_stream_never_stops_the_loop(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, body: bytes, packed: bool, code: str | None
) -> None:
    monkeypatch.setattr(bulk, "BULK_ROWS_MAX", 1_000)
    headers = {"Content-Type": ROWS} | ({"Content-Encoding": "gzip"} if packed else {})
    watch = LoopWatch()
    answer = await watch.over(shop.as_(POTTER).post("/v1/catalog/bulk", content=body, headers=headers))
    assert answer.status_code == 200
    assert outcomes(answer)[-1].get("code") == code
    watch.check()


async def test_a_batch_of_many_variants_is_written_in_parts(shop: Shop) -> None:
    many = b"".join(
        line(row(f"p{number}", variants=[{"sku": f"S{number}-{n}", "prices": {"BRL": n}} for n in range(200)]))
        for number in range(150)
    )
    watch = LoopWatch()
    answer = await watch.over(shop.as_(POTTER).post("/v1/catalog/bulk", content=many, headers={"Content-Type": ROWS}))
    assert outcomes(answer)[-1]["created"] == 150
    watch.check()


def form(boundary: str, parts: int, name: str = "a") -> bytes:
    one = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\nx\r\n'
    return (one * parts + f"--{boundary}--\r\n").encode()


#: Name, boundary, body, status and code.
FORMS: list[tuple[str, str, bytes, int, str]] = [
    ("100,000 tiny parts", "b", form("b", 100_000), 413, "multipart_too_large"),
    ("no part at all", "b", form("b", 0), 400, "invalid_request"),
    ("a field of many megabytes", "b", form("b", 1)[:-9] + b"x" * (15 * MEBIBYTE) + b"\r\n--b--\r\n", 413, "multipart_too_large"),
    ("a header without an end", "b", b"--b\r\nX: " + b"x" * (15 * MEBIBYTE), 413, "multipart_too_large"),
    ("millions of headers", "b", b"--b\r\n" + b"a:b\r\n" * (3 * MEBIBYTE), 413, "multipart_too_large"),
    ("millions of false boundaries", "b", b"--b\r\n" + b"\r\n--" * (4 * MEBIBYTE), 400, "multipart_invalid"),
    ("a boundary of nothing", "", form("b", 1), 400, "multipart_invalid"),
    ("a long boundary", "b" * 300, form("b" * 300, 1), 400, "multipart_invalid"),
    ("cut short", "b", form("b", 1)[:30], 400, "multipart_invalid"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("boundary", "body", "status", "code"), [one[1:] for one in FORMS], ids=[one[0] for one in FORMS]
)
async def test_a_form_never_stops_the_loop(shop: Shop, boundary: str, body: bytes, status: int, code: str) -> None:
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    watch = LoopWatch()
    answer = await watch.over(shop.as_(POTTER).post("/v1/catalog/media", content=body, headers=headers))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    watch.check()


BODIES = {
    "lists in lists": filled(HEAD + '"attributes":{"a":[', "[[]]", "]}}"),
    "members that nobody knows": filled("{", '"a#":1', "}"),
    "variants of unknown members": filled('{"slug":"x","title":"x","variants":[{', '"a#":1', "}]}"),
    "a list of categories": filled(HEAD + '"categories":[', '"a#"', "]}"),
    "lists ten thousand deep": HEAD.encode() + b'"attributes":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_a_product_never_stops_the_loop(shop: Shop, method: str, name: str) -> None:
    client = shop.as_(POTTER)
    path = "/v1/catalog/products"
    if method == "PATCH":
        made = await client.post(path, json=row("mug"))
        path, kind, tag = made.headers["location"], "application/merge-patch+json", made.headers["etag"]
    else:
        kind, tag = "application/json", "*"
    watch = LoopWatch()
    answer = await watch.over(
        client.request(method, path, content=BODIES[name], headers={"Content-Type": kind, "If-Match": tag})
    )
    assert answer.status_code in (400, 422)
    watch.check()
