"""``python -m bench.graphql_plan``: one query by plan and by graphql-core, with the time of each part. No server, no engine.

20 products of 10 fields with 3 variants of 4 fields, from memory; the catalogue's store comes on top of it.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from graphql import parse, validate

from renga.domains.catalog.contract import Product, Variant
from renga.frontends.bff.graphql.answers import raw_key
from renga.frontends.bff.graphql.context import Context
from renga.frontends.bff.graphql.documents import ParsedQuery, QueryOperation
from renga.frontends.bff.graphql.executing import answer, executor, guard, interpret
from renga.frontends.bff.graphql.limits import check_text
from renga.frontends.bff.graphql.schema import core_schema
from renga.frontends.bff.graphql.settings import GraphQLSettings
from tests.bff.shop import RESPONSE, GraphShop
from tests.catalog.fake import FakeCatalog

QUERY = """{ products(first: 20) { nodes {
  id slug title description brand merchant availability image createdAt price { amount }
  variants { sku gtin availability price { amount } } } } }"""
ROUNDS, ROUNDS_OF_SLOW, WARM_UP = 300, 50, 20
PRODUCTS = 20
_MOMENT = "2026-11-22T16:00:00.000Z"


def products() -> list[Product]:
    return [
        Product(
            id=f"p-{n}",
            slug=f"product-{n}",
            version=1,
            title={"pt-BR": f"Produto {n}", "en": f"Product {n}"},
            description={"pt-BR": "Feito à mão. " * 10, "en": "Made by hand. " * 10},
            brand="Forno Baixo",
            image=f"/media/demo/{n}.svg",
            variants=tuple(
                Variant(sku=f"SKU-{n}-{v}", gtin="2007000010372", prices={"BRL": 8900 + v, "USD": 1790})
                for v in range(3)
            ),
            created_at=_MOMENT,
            updated_at=_MOMENT,
        )
        for n in range(PRODUCTS)
    ]


async def measure(ask: Callable[[], Awaitable[Any]], rounds: int) -> float:
    """The median in microseconds of CPU."""
    for _ in range(min(WARM_UP, rounds)):
        await ask()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        await ask()
        times.append(time.process_time() - start)
    return statistics.median(times) * 1e6


def _sync(work: Callable[[], Any]) -> Callable[[], Awaitable[Any]]:
    async def ask() -> Any:
        return work()

    return ask


async def measured(rounds: int, rounds_of_slow: int) -> tuple[dict[str, float], int]:
    """Microseconds of CPU by part, and the bytes of the answer."""
    schema, limits = core_schema(), GraphQLSettings()
    guard(schema)
    shop = GraphShop(GraphQLSettings(answers_max=0), FakeCatalog(products(), ()))
    rooms = shop.graphql._contracts
    operation: QueryOperation = ParsedQuery(schema, QUERY, limits).operation(None)
    document = parse(QUERY)
    remembering = executor(schema, compiled_plans=True)

    async def planned() -> bytes:
        return (await answer(executor(schema, compiled_plans=True), operation, {}, Context(rooms))).body

    async def remembered() -> bytes:
        return (await answer(remembering, operation, {}, Context(rooms))).body

    async def interpreted() -> bytes:
        return (await interpret(schema, operation, {}, Context(rooms))).body

    assert await planned() == await interpreted() == await remembered() == await remembered()
    data = msgspec.json.decode(await planned())
    body = msgspec.json.encode({"query": QUERY})
    slow = rounds_of_slow
    rows = {
        "limits on the text": await measure(_sync(lambda: check_text(QUERY, limits)), rounds),
        "parse": await measure(_sync(lambda: parse(QUERY)), rounds),
        "validate": await measure(_sync(lambda: validate(schema, document)), slow),
        "make the plan": await measure(_sync(lambda: ParsedQuery(schema, QUERY, limits).operation(None)), slow),
        "execute by graphql-core": await measure(interpreted, slow),
        "execute by the plan, new products": await measure(planned, rounds),
        "execute by the plan, known products": await measure(remembered, rounds),
        "  of it: ask the contract, in memory": await measure(lambda: rooms.catalog.products(limit=PRODUCTS), rounds),
        "  of it: encode (new products)": await measure(_sync(lambda: msgspec.json.encode(data)), rounds),
        "name a raw request (cache)": await measure(
            _sync(lambda: raw_key("POST", body, RESPONSE.encode(), b"en", b"application/json")), rounds
        ),
    }
    return rows, len(await planned())


async def main() -> None:
    rows, size = await measured(ROUNDS, ROUNDS_OF_SLOW)
    for name, microseconds in rows.items():
        print(f"{name:<40} {microseconds:>9.1f} us")
    for products_are in ("new", "known"):
        ratio = rows["execute by graphql-core"] / rows[f"execute by the plan, {products_are} products"]
        print(f"{f'graphql-core / plan, {products_are} products':<40} {ratio:>9.1f} times")
    print(f"answer: {size} bytes")


if __name__ == "__main__":
    asyncio.run(main())
