"""Every index of search that this machine has, for the contract suite: a later index is one more entry of ``OPENERS``."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg

from renga.domains.search.contract import Filter, SearchQuery
from renga.domains.search.model.document import Document, FacetNumber, FacetValue, LanguageText
from renga.domains.search.ports import IndexFindings, IndexQuestion, SearchIndex
from renga.domains.search.stores.opensearch.index import OpenSearchIndex
from renga.domains.search.stores.postgres.index import PostgresIndex
from tests.engines.registry import Registry


class Lab:
    """An index under test, empty; ``find`` asks it as a shopper would."""

    def __init__(self, index: SearchIndex) -> None:
        self.index = index

    async def ask(self, text: str = "", **named: object) -> IndexFindings:
        """``named`` are members of the query, or of the question: texts, pinned, hidden, within."""
        beside = {name: named.pop(name) for name in ("texts", "pinned", "hidden", "within") if name in named}
        query = SearchQuery(text=text, **named)  # type: ignore[arg-type]  # the tests' own names
        texts = beside.pop("texts", (text,) if text else ())
        return await self.index.search(IndexQuestion(query=query, texts=texts, **beside))  # type: ignore[arg-type]  # as above

    async def find(self, text: str = "", **named: object) -> list[str]:
        """The ids of the first page."""
        return [hit.product_id for hit in (await self.ask(text, **named)).hits]

    async def values(self, facet: str, text: str = "", *filters: Filter, **named: object) -> dict[str, int]:
        """The counts of one facet."""
        found = await self.ask(text, filters=filters, **named)
        return next((dict(one.counts) for one in found.values if one.facet == facet), {})


def document(name: str, title: str = "", *, english: str = "", version: int = 1, **more: object) -> Document:
    """A product called ``title`` in Portuguese (and ``english`` in English), with what ``more`` says.

    ``brand``, ``words`` and ``body`` (in Portuguese), ``sku``, ``gtin``, ``price`` (BRL), ``values``, ``numbers``, ``channels``…
    """
    title = title or name
    brand = more.pop("brand", None)
    words, body = str(more.pop("words", "")), str(more.pop("body", ""))
    texts = {"pt": LanguageText(title=title, words=f"{brand or ''} {words}".strip(), body=body)}
    titles = {"pt-BR": title}
    if english:
        texts["en"] = LanguageText(title=english, words=str(brand or ""))
        titles["en"] = english
    values = [FacetValue(*one) for one in more.pop("values", ())]  # type: ignore[attr-defined]  # pairs and triples
    if brand:
        values.append(FacetValue("brand", str(brand)))
    numbers = [FacetNumber(*one) for one in more.pop("numbers", ())]  # type: ignore[attr-defined]  # pairs
    price = more.pop("price", None)
    keys = {str(key).lower(): name.upper() for key in (more.pop("sku", None), more.pop("gtin", None)) if key}
    fields: dict[str, object] = {
        "channels": ("*",),
        "prices": {} if price is None else {"BRL": price},
        "created_at": "2026-11-25T00:00:00.000Z",
    }
    return Document(
        product_id=name,
        slug=name,
        version=version,
        texts=texts,
        titles=titles,
        brand=brand,  # type: ignore[arg-type]  # a text or nothing
        keys=keys,
        values=tuple(values),
        numbers=tuple(numbers),
        **(fields | more),  # type: ignore[arg-type]  # members of Document
    )


@asynccontextmanager
async def _postgres(pool: "asyncpg.Pool[asyncpg.Record]", **how: int) -> AsyncIterator[Lab]:
    index = PostgresIndex(pool, **how)
    await index.prepare()
    yield Lab(index)


@asynccontextmanager
async def _cluster(name: str, engines: Registry, test: str) -> AsyncIterator[Lab]:
    """A prefix of the test's own on the session's server."""
    running = engines.shared(name, test)
    url = running.url.replace("http://", f"{name}://") + f"/t{secrets.token_hex(5)}"
    index = OpenSearchIndex(url)
    await index.prepare()
    try:
        yield Lab(index)
    finally:
        made = await index._connection.call("GET", "_alias", f"{index._connection.prefix}-*")
        await index._connection.call("DELETE", ",".join(made))
        await index.close()


#: (engines, test's name, a pool whose database has search's migrations) → Lab.
Opener = Callable[[Registry, str, "asyncpg.Pool[asyncpg.Record]"], AbstractAsyncContextManager[Lab]]
OPENERS: dict[str, Opener] = {
    "postgres": lambda engines, test, pool: _postgres(pool),
    # as it asks once there are many documents
    "postgres-large": lambda engines, test, pool: _postgres(pool, large=1),
    "opensearch": lambda engines, test, pool: _cluster("opensearch", engines, test),
    "elasticsearch": lambda engines, test, pool: _cluster("elasticsearch", engines, test),
}
