"""Writes documents in bulk; the server compares versions, so that late writes of older versions change nothing.

A script compares and writes atomically, and keeps the document's popularity. (External versions of the servers do not work: a
change of the popularity alone would raise them, and the next version of the product would be refused.)
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from renga.domains.search.contract import SearchUnavailable
from renga.domains.search.model.document import Document
from renga.domains.search.ports import Removal
from renga.domains.search.stores.opensearch.connection import TOO_MANY, WRITE_TIMEOUT_S, Busy, OpenSearchConnection
from renga.domains.search.stores.opensearch.documents import AVAILABLE, source_of, tombstone
from renga.platform.retrying import Retries

#: Limits of one call; at least one document is sent.
DOCUMENTS_MAX, BYTES_MAX = 500, 8 << 20
#: Up to so many documents are refreshed at once; with more, the next refresh (half a second) makes them searchable.
AT_ONCE_MAX = 50
#: The server's retries of a change that conflicts with another one of the same document.
TRIES_MORE = 10
#: Retries while the servers are overloaded: half a minute in all, on average.
BUSY_RETRIES = Retries(attempts_max=10, wait_min_ms=250, wait_max_ms=16_000)
_DONE_BELOW, _MISSING = 300, 404
_NO_DOCUMENT = "document_missing_exception"

# The same version may be written again (a category's title or a type's facets may have changed), but not after its removal.
_PUT = (
    "def old = ctx._source; def made = params.made; "
    "if (old.version != null && (old.version > made.version || (old.version == made.version && old.gone))) {ctx.op = 'none'} "
    "else {def kept = old.popularity; old.clear(); old.putAll(made); if (kept != null) {old.popularity = kept} "
    f"old.standing = old.popularity + (old.available ? {AVAILABLE} : 0.0)}}"
)
_REMOVE = (
    "def old = ctx._source; def made = params.made; "
    "if (old.version != null && old.version > made.version) {ctx.op = 'none'} "
    "else {def kept = old.popularity; old.clear(); old.putAll(made); if (kept != null) {old.popularity = kept}}"
)
_POPULARITY = (
    "def old = ctx._source; if (old.gone) {ctx.op = 'none'} else {old.popularity = params.score; "
    f"old.standing = params.score + (old.available ? {AVAILABLE} : 0.0)}}"
)

_encode = msgspec.json.Encoder().encode


class Dropped(Exception):
    """The alias that was written to has no index."""


async def put(connection: OpenSearchConnection, alias: str, documents: Sequence[Document]) -> None:
    """The popularity of existing documents is kept. Raises Dropped."""
    lines = (_line(one.product_id, _PUT, {"made": source_of(one)}, makes=True) for one in documents)
    await _bulk(connection, alias, lines, at_once=len(documents) <= AT_ONCE_MAX)


async def remove(connection: OpenSearchConnection, alias: str, removals: Sequence[Removal]) -> None:
    """Leaves tombstones, which keep the version. Raises Dropped."""
    lines = (_line(one.product_id, _REMOVE, {"made": tombstone(one)}, makes=True) for one in removals)
    await _bulk(connection, alias, lines, at_once=len(removals) <= AT_ONCE_MAX)


async def set_popularity(connection: OpenSearchConnection, alias: str, scores: Mapping[str, float]) -> None:
    """Of existing documents. Raises Dropped."""
    lines = (_line(one, _POPULARITY, {"score": score}, makes=False) for one, score in scores.items())
    await _bulk(connection, alias, lines, at_once=len(scores) <= AT_ONCE_MAX)


def _line(product_id: str, script: str, params: Mapping[str, Any], *, makes: bool) -> bytes:
    head = {"update": {"_id": product_id, "retry_on_conflict": TRIES_MORE}}
    body: dict[str, Any] = {"script": {"source": script, "lang": "painless", "params": params}}
    if makes:
        body |= {"scripted_upsert": True, "upsert": {}}
    return _encode(head) + b"\n" + _encode(body) + b"\n"


async def _bulk(connection: OpenSearchConnection, alias: str, lines: Iterable[bytes], *, at_once: bool) -> None:
    """Writes only to an existing alias: otherwise the server would create an index with that name."""
    params = {"require_alias": "true"} | ({"refresh": "true"} if at_once else {})
    for body in _bodies(lines):
        await _send_with_retries(connection, alias, body.decode(), params)


async def _send_with_retries(
    connection: OpenSearchConnection, alias: str, body: str, params: Mapping[str, str]
) -> None:
    """One call, repeated while the servers are overloaded; safe, because a repeated write changes nothing."""

    async def send() -> None:
        answer = await connection.call("POST", alias, "_bulk", body=body, params=params, timeout_s=WRITE_TIMEOUT_S)
        if answer["errors"]:
            _check(answer["items"])

    await BUSY_RETRIES.call(send, lambda error: isinstance(error, Busy))


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
    """Checks each item's result. A popularity for a missing document is ignored; other failures raise."""
    for item in items:
        done = item["update"]
        if done["status"] < _DONE_BELOW:
            continue
        reason = done.get("error", {}).get("type", done["status"])
        if done["status"] == _MISSING and reason == _NO_DOCUMENT:
            continue
        if done["status"] == _MISSING:
            raise Dropped
        trouble = Busy if done["status"] == TOO_MANY else SearchUnavailable
        raise trouble(f"search did not take a document: {reason}")
