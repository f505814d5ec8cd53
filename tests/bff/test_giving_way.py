"""Whatever is asked of GraphQL, the loop goes on: hostile documents and variables, measured in CPU time between two yields."""

import json
from typing import Any

import pytest

from tests.bff.shop import GraphShop
from tests.loop_watch import LoopWatch

ONE = "query ($s: String!) { product(slug: $s) { slug } }"
MANY = "query ($f: [SearchFilter!]) { search(filters: $f) { total } }"
VALUES = 'query ($v: [String!]) { search(filters: [{facet: "brand", values: $v}]) { total } }'


def fields(count: int, prefix: str = "a") -> str:
    return " ".join(f"{prefix}{number}: slug" for number in range(count))


def spread(times: int, each: int) -> str:
    """Fragments that spread the next one twice, with fields to be compared."""
    parts = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} {'__typename ' * each}}}" for n in range(times)]
    return "{ ...F0 } " + " ".join(parts) + f" fragment F{times} on Query {{ __typename }}"


#: The largest that are within the limits on text, and what is far over them.
QUERIES: dict[str, str] = {
    "as many fields as may be": '{ product(slug: "x") { ' + "slug " * 390 + "} }",
    "as many tokens as may be": "{ products { nodes { " + "id " * 1_990 + "} } }",
    "fields that conflict": '{ product(slug: "x") { ' + " ".join(f"a: {one}" for one in ["slug", "id"] * 190) + " } }",
    "aliases of an object": "{ " + " ".join(f'a{n}: product(slug: "x") {{ slug id }}' for n in range(50)) + " }",
    "one name for many objects": "{ " + " ".join(f'a: product(slug: "x{n}") {{ slug id }}' for n in range(120)) + " }",
    "one name for many equal objects": "{ " + 'a: product(slug: "x") { slug id } ' * 120 + " }",
    "fragments that explode": spread(40, 5),
    "many fragments side by side": "{ "
    + " ".join(f"...F{n}" for n in range(150))
    + " } "
    + " ".join(f'fragment F{n} on Query {{ a: product(slug: "x") {{ slug }} }}' for n in range(150)),
    "inline fragments in each other": "{ " + "... on Query { " * 90 + "__typename" + " }" * 90 + " }",
    "brackets in brackets": "{ products(first: " + "[" * 99 + "1" + "]" * 99 + ") { nodes { slug } } }",
    "a long list": "{ products(first: [" + "1 " * 1_900 + "]) { nodes { slug } } }",
    "many unknown fields": "{ " + " ".join(f"nope{n}" for n in range(390)) + " }",
    "many unknown fragments": "{ " + " ".join(f"...F{n}" for n in range(900)) + " }",
    "many variables": "query (" + " ".join(f"$v{n}: Int" for n in range(490)) + ") { __typename }",
    "many directives": "{ __typename " + "@skip(if: true) " * 300 + "}",
    "many operations": " ".join(f"query Q{n} {{ __typename }}" for n in range(390)),
    "comments": "#\n" * 9_900 + "{ __typename }",
    "a long text": '{ product(slug: "' + "x" * 19_900 + '") { slug } }',
    "escapes": '{ product(slug: "' + "\\u0041" * 3_300 + '") { slug } }',
    "a block text": '{ product(slug: """' + "\n " * 9_900 + '""") { slug } }',
    "ten thousand deep": "{a" * 9_900 + "}" * 100,
    "a megabyte": "{ " + "a " * 500_000 + "}",
}

#: Bodies as they are sent.
BODIES: dict[str, bytes] = {
    "variables in lists in lists": b'{"query":"{__typename}","variables":{"a":[' + b",".join([b"[[]]"] * 200_000) + b"]}}",
    "a million numbers": b'{"query":"query ($s: [Int]) {__typename}","variables":{"s":[' + b",".join([b"1"] * 500_000) + b"]}}",
    "values": json.dumps({"query": VALUES, "variables": {"v": ["x"] * 200_000}}).encode(),
    "filters": json.dumps({"query": MANY, "variables": {"f": [{"facet": "brand", "values": ["x"]}] * 24_000}}).encode(),
    "filters that are none": json.dumps({"query": MANY, "variables": {"f": [1] * 300_000}}).encode(),
    "values that are none": json.dumps({"query": VALUES, "variables": {"v": [1] * 300_000}}).encode(),
    "a hundred thousand variables": json.dumps({"query": ONE, "variables": {f"v{n}": 1 for n in range(70_000)}}).encode(),
    "a text of a megabyte": json.dumps({"query": ONE, "variables": {"s": "x" * 1_000_000}}).encode(),
    "lists a hundred thousand deep": b'{"query":"{__typename}","variables":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "extensions": b'{"query":"{__typename}","extensions":{"a":[' + b",".join([b"{}"] * 300_000) + b"]}}",
}  # fmt: skip


async def post(shop: GraphShop, content: bytes) -> tuple[LoopWatch, Any]:
    async with shop.client() as client:
        await client.post("/graphql", json={"query": "{ __typename }"})  # what is made once is made
        watch = LoopWatch()
        asking = client.post("/graphql", content=content, headers={"content-type": "application/json"})
        answer = await watch.over(asking)
    return watch, answer


@pytest.mark.parametrize("name", QUERIES)
async def test_a_document_never_stops_the_loop(name: str) -> None:
    watch, answer = await post(GraphShop(), json.dumps({"query": QUERIES[name]}).encode())
    assert answer.status_code in (200, 400, 413)
    watch.check()


@pytest.mark.parametrize("name", BODIES)
async def test_variables_never_stop_the_loop(name: str) -> None:
    watch, answer = await post(GraphShop(), BODIES[name])
    assert answer.status_code in (200, 400, 413)
    watch.check()
