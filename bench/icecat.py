"""The products of the Icecat file (see ``--icecat``): rows for the rules, one at a time from the packed file."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from bench.judgements import Row


def records(path: Path) -> Iterator[dict[str, Any]]:
    """Every product as the file has it."""
    with gzip.open(path) as lines:
        for line in lines:
            yield msgspec.json.decode(line)


def row(record: dict[str, Any]) -> Row:
    return Row(
        id=record["id"],
        sku=record["sku"],
        title=record["title"],
        brand=record["brand"],
        gtins=tuple(record["ean"]),
        attributes=record["attributes"],
    )
