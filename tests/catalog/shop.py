"""Shared by the catalogue's tests: rows to import, and reads of the database."""

import json
from pathlib import Path
from typing import Any

import asyncpg

from renga.kernel.events import Event, decode


def row(slug: str | None = "mug", **changed: Any) -> dict[str, Any]:
    """A native row of a product with one variant; ``sku`` follows from the slug."""
    made: dict[str, Any] = {
        "slug": slug,
        "title": {"pt-BR": f"Título {slug}", "en": f"Title {slug}"},
        "variants": [{"sku": (slug or "mug").upper(), "prices": {"BRL": 5990}}],
    }
    return made | changed


def write_jsonl(path: Path, *rows: dict[str, Any] | str) -> Path:
    """A file with one row per line; a text is a line as it is."""
    lines = [one if isinstance(one, str) else json.dumps(one) for one in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


async def events_of(pool: "asyncpg.Pool[asyncpg.Record]") -> list[Event]:
    """Everything in the outbox, in order."""
    return [decode(r[0]) for r in await pool.fetch("SELECT event::text FROM catalog.outbox ORDER BY position")]


async def slugs_of(pool: "asyncpg.Pool[asyncpg.Record]") -> list[str]:
    """The slugs of all products, oldest first."""
    return [r[0] for r in await pool.fetch("SELECT slug FROM catalog.products ORDER BY position")]
