"""Writes documents in bulk, each under its version; a later one that is there stays."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from renga.search.contract import SearchUnavailable
from renga.search.document import Document
from renga.search.ports import Removal
from renga.search.stores.opensearch.connection import WRITE_TIMEOUT_S, Connection
from renga.search.stores.opensearch.documents import (
    removal_version,
    source_of,
    standing,
    tombstone,
    write_version,
)

#: Bounds of one call.
DOCUMENTS_MAX, BYTES_MAX = 500, 8 << 20
#: So few documents are made to be found at once; more are found with the next refresh, half a second later.
AT_ONCE_MAX = 50
_OLDER, _MISSING = 409, 404

_encode = msgspec.json.Encoder().encode


async def put(connection: Connection, index: str, documents: Sequence[Document], now_ms: int) -> None:
    """The popularity of those that are there stays."""
    kept = await _fields(connection, index, [one.product_id for one in documents], "popularity")
    lines = (
        _line(
            index,
            one.product_id,
            write_version(one.version, now_ms),
            source_of(one, kept.get(one.product_id, {}).get("popularity", one.popularity)),
        )
        for one in documents
    )
    await _bulk(connection, lines, at_once=len(documents) <= AT_ONCE_MAX)


async def remove(connection: Connection, index: str, removals: Sequence[Removal]) -> None:
    lines = (_line(index, one.product_id, removal_version(one.version), tombstone(one)) for one in removals)
    await _bulk(connection, lines, at_once=len(removals) <= AT_ONCE_MAX)


async def set_popularity(connection: Connection, index: str, scores: Mapping[str, float], now_ms: int) -> None:
    """Each document as it is, with its new score. One that changes meanwhile keeps the old score until the next time."""
    there = await _fields(connection, index, list(scores), None)
    lines = (
        _line(
            index,
            one,
            write_version(source["version"], now_ms),
            source | {"popularity": scores[one], "standing": standing(scores[one], source["available"])},
        )
        for one, source in there.items()
        if not source["gone"]
    )
    await _bulk(connection, lines, at_once=len(scores) <= AT_ONCE_MAX)


async def _fields(
    connection: Connection, index: str, ids: Sequence[str], fields: str | None
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    params = {} if fields is None else {"_source_includes": fields}
    for start in range(0, len(ids), DOCUMENTS_MAX):
        body = {"ids": list(ids[start : start + DOCUMENTS_MAX])}
        answer = await connection.call("POST", index, "_mget", body=body, params=params, timeout_s=WRITE_TIMEOUT_S)
        found |= {one["_id"]: one["_source"] for one in answer["docs"] if one.get("found")}
    return found


def _line(index: str, product_id: str, version: int, source: Mapping[str, Any]) -> bytes:
    head = {"index": {"_index": index, "_id": product_id, "version": version, "version_type": "external_gte"}}
    return _encode(head) + b"\n" + _encode(source) + b"\n"


async def _bulk(connection: Connection, lines: Iterable[bytes], *, at_once: bool) -> None:
    for body in _bodies(lines):
        params = {"refresh": "true"} if at_once else {}
        answer = await connection.call("POST", "_bulk", body=body.decode(), params=params, timeout_s=WRITE_TIMEOUT_S)
        if answer["errors"]:
            _check(answer["items"])


def _bodies(lines: Iterable[bytes]) -> Iterator[bytes]:
    batch: list[bytes] = []
    size = 0
    for line in lines:
        if batch and (len(batch) >= DOCUMENTS_MAX or size + len(line) > BYTES_MAX):
            yield b"".join(batch)
            batch, size = [], 0
        batch.append(line)
        size += len(line)
    if batch:
        yield b"".join(batch)


def _check(items: Iterable[Mapping[str, Any]]) -> None:
    """A later document that is there is no failure; an index that was dropped meanwhile neither. All else is."""
    for item in items:
        done = item["index"]
        if done["status"] >= 300 and done["status"] not in (_OLDER, _MISSING):
            reason = done.get("error", {}).get("type", done["status"])
            raise SearchUnavailable(f"search did not take a document: {reason}")
