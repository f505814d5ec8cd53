"""Every operation of the OpenAPI document refuses the number of a card in each of its texts and in members that it does not
know. What is exempt is listed here: whoever adds an exemption adds it to this list.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from renga.apps.app import Application
from renga.apps.commands.contracts import described
from renga.kernel.card_schemes import passes_luhn
from renga.platform.cards.refusal import CardNumberRefused
from tests.cards.numbers import gtin

CARD = "4242424242424242"
#: Depth of members that are tried.
DEPTH_MAX = 6

EXEMPT = {
    "DELETE /v1/catalog/prices/{sku}/{currency}": ["sku"],
    "GET /v1/availability": ["sku"],
    "GET /v1/inventory/levels/{sku}": ["sku"],
    "GET /v1/inventory/movements": ["sku"],
    "PATCH /v1/catalog/products/{slug}": [
        "external_id",
        "scheduled[].sku",
        "variants[].bundle[].sku",
        "variants[].gtin",
        "variants[].sku",
    ],
    "POST /v1/carts/{cart_id}/lines": ["sku"],
    "POST /v1/catalog/products": [
        "external_id",
        "scheduled[].sku",
        "variants[].bundle[].sku",
        "variants[].gtin",
        "variants[].sku",
    ],
    "PATCH /v1/checkouts/{checkout_id}": ["billing_address.phone", "shipping_address.phone", "tax_id"],
    "POST /v1/checkouts": ["billing_address.phone", "shipping_address.phone", "tax_id"],
    "POST /v1/identity/me/addresses": ["address.phone"],
    "POST /v1/inventory/movements": ["sku"],
    "POST /v1/promotions": ["actions[].of[].skus[]", "actions[].parts[].sku", "actions[].sku", "conditions[].skus[]"],
    "POST /v1/promotions/conflicts": [
        "actions[].of[].skus[]",
        "actions[].parts[].sku",
        "actions[].sku",
        "conditions[].skus[]",
    ],
    "POST /v1/promotions/dry-run": [
        "actions[].of[].skus[]",
        "actions[].parts[].sku",
        "actions[].sku",
        "conditions[].skus[]",
    ],
    "PUT /v1/carts/{cart_id}/lines": ["lines[].sku"],
    "PUT /v1/catalog/prices/{sku}/{currency}": ["sku"],
    "PUT /v1/catalog/products/{slug}": [
        "external_id",
        "scheduled[].sku",
        "variants[].bundle[].sku",
        "variants[].gtin",
        "variants[].sku",
    ],
    "PUT /v1/identity/admin/accounts/{account_id}/buyer/tax-verification": ["tax_id"],
    "PUT /v1/identity/me/addresses/{address_id}": ["address.phone"],
    "PUT /v1/identity/me/buyer/tax-id": ["tax_id"],
    "PUT /v1/inventory/counts/{id}/lines/{sku}": ["sku"],
    "PUT /v1/inventory/levels-file": ["sku"],
    "PUT /v1/inventory/levels/{sku}": ["sku"],
    "PUT /v1/promotions/{promotion_id}": [
        "actions[].of[].skus[]",
        "actions[].parts[].sku",
        "actions[].sku",
        "conditions[].skus[]",
    ],
}


@pytest.fixture(scope="module")
def api() -> Application:
    return described()


@pytest.fixture(scope="module")
def document(api: Application) -> dict[str, Any]:
    return api.document()


def scope_of(method: str, path: str, query: str = "", content_type: str = "") -> dict[str, Any]:
    headers = [(b"content-type", content_type.encode())] if content_type else []
    return {"type": "http", "method": method.upper(), "path": path, "raw_path": path.encode(), "headers": headers,
            "query_string": query.encode()}  # fmt: skip


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The alternatives of a schema, without references."""
    if "$ref" in schema:
        return resolved(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema:
            return [one for part in schema[name] for one in resolved(document, part)]
    return [schema]


def texts(document: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Paths of texts with a body that has a card's number there and nothing else."""
    for one in resolved(document, schema):
        kind = one.get("type")
        if kind == "string" and "enum" not in one and "const" not in one:
            yield "", CARD
        elif kind == "array" and isinstance(one.get("items"), dict) and depth < DEPTH_MAX:
            yield from ((f"[]{path}", [body]) for path, body in texts(document, one["items"], depth + 1))
        elif kind == "object" and depth < DEPTH_MAX:
            for name, member in one.get("properties", {}).items():
                for path, body in texts(document, member, depth + 1):
                    yield f".{name}{path}", {name: body}
            values = one.get("additionalProperties")
            if isinstance(values, dict):
                yield from ((f".*{path}", {"x": body}) for path, body in texts(document, values, depth + 1))


async def refuses(api: Application, scope: dict[str, Any], body: bytes) -> bool:
    try:
        await api.cards.check(scope, body)
    except CardNumberRefused:
        return True
    return False


async def test_every_text_of_every_operation(api: Application, document: dict[str, Any]) -> None:
    exempt: set[tuple[str, str]] = set()
    tried = 0
    for method, path, operation in operations(document):
        name = f"{method} {path}"
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "header":
                continue
            asked = path.replace(f"{{{parameter['name']}}}", CARD) if parameter["in"] == "path" else path
            query = f"{parameter['name']}={CARD}" if parameter["in"] == "query" else ""
            tried += 1
            if api.cards.refusal_of(scope_of(method, asked, query)) is None:
                exempt.add((name, parameter["name"]))
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            if media == "multipart/form-data" or name == "POST /v1/catalog/bulk":
                continue  # a file; rows, which are checked one by one
            schema = content["schema"].get("contentSchema", content["schema"])
            for member, body in dict(texts(document, schema)).items():
                tried += 1
                if not await refuses(api, scope_of(method, path, "", media), json.dumps(body).encode()):
                    exempt.add((name, member.removeprefix(".")))
    assert tried > 500
    assert exempt == {(name, member) for name, members in EXEMPT.items() for member in members}


async def test_what_an_operation_does_not_know_is_refused(api: Application, document: dict[str, Any]) -> None:
    bodies = 0
    for method, path, operation in operations(document):
        for query in (f"unknown={CARD}", f"{CARD}=1"):
            refusal = api.cards.refusal_of(scope_of(method, path, query))
            assert refusal is not None, (method, path)
            assert CARD not in f"{refusal.detail} {refusal.extra}"
        for media in operation.get("requestBody", {}).get("content", {}):
            bodies += 1
            for member in (CARD, int(CARD), float(CARD), {"x": [CARD]}):
                body = json.dumps({"unknown": member}).encode()
                assert await refuses(api, scope_of(method, path, "", media), body), (method, path, media)
            assert await refuses(api, scope_of(method, path, "", media), json.dumps({CARD: 1}).encode())
    assert bodies > 50


async def test_article_numbers_pass_everywhere(api: Application, document: dict[str, Any]) -> None:
    numbers = [one for one in (gtin(f"4{body:011d}") for body in range(1_000)) if passes_luhn(one)]
    assert len(numbers) > 50
    for method, path, operation in operations(document):
        for one in numbers[:5]:
            assert api.cards.refusal_of(scope_of(method, path, f"q={one}")) is None
            for media in operation.get("requestBody", {}).get("content", {}):
                assert not await refuses(api, scope_of(method, path, "", media), json.dumps({"x": one}).encode())
