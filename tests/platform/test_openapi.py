"""The OpenAPI 3.1 document is whole: references resolve, operations have ids of their own, every cart error is in it."""

import json
import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
from joserfc.jwk import KeySet

from renga.apps.app import make_api, make_edge
from renga.apps.commands.contracts import described
from renga.apps.modules import DECLARED
from renga.domains.cart import contract
from renga.kernel.clock import SystemClock
from renga.kernel.errors import RengaError
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.gate import Gate
from renga.platform.http.problem_pages import known
from renga.platform.http.problems import status_of
from renga.platform.settings import PlatformSettings
from tests.architecture.test_access import MADE
from tests.cart.support import MemoryCatalog
from tests.modules import shop_modules

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    carts: Any = Mock(spec=contract.Carts)
    authenticator = Authenticator(TokenVerifier(KeySet([]), issuer="renga", clock=SystemClock()))
    gate = Gate(authenticator, rate_classes=DECLARED.rate_classes)
    made = make_api(shop_modules(MemoryCatalog(), carts), gate=gate).document()
    return dict(json.loads(json.dumps(made)))


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value)


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield method.upper(), path, operation


def test_the_document_says_what_it_is(document: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert document["info"]["title"] == "Renga"
    assert document["info"]["version"]
    assert set(document) <= {
        "openapi",
        "info",
        "servers",
        "paths",
        "components",
        "tags",
        "webhooks",
        "security",
        "jsonSchemaDialect",
    }


def test_every_reference_resolves(document: dict[str, Any]) -> None:
    references = [node["$ref"] for node in _nodes(document) if isinstance(node.get("$ref"), str)]
    assert len(references) > 20
    for reference in set(references):
        target: Any = document
        assert reference.startswith("#/"), reference
        for step in reference[2:].split("/"):
            assert step in target, reference
            target = target[step]


def test_every_schema_is_used(document: dict[str, Any]) -> None:
    used = {node["$ref"].rpartition("/")[2] for node in _nodes(document) if isinstance(node.get("$ref"), str)}
    assert set(document["components"]["schemas"]) - used == set()


def test_every_operation_has_an_id_of_its_own_a_summary_and_an_answer(document: dict[str, Any]) -> None:
    ids = [operation.get("operationId") for _, _, operation in _operations(document)]
    assert None not in ids
    assert len(ids) == len(set(ids))
    for method, path, operation in _operations(document):
        assert operation["summary"], (method, path)
        assert any(re.fullmatch("[23]..", status) for status in operation["responses"]), (method, path)
        for status, answer in operation["responses"].items():
            assert re.fullmatch(r"[1-5](\d\d|XX)|default", status)
            assert answer.get("description"), (method, path, status)


def test_the_parameters_in_a_path_are_those_that_are_described(document: dict[str, Any]) -> None:
    for method, path, operation in _operations(document):
        parameters = operation.get("parameters", [])
        described = {p["name"] for p in parameters if p["in"] == "path"}
        assert described == set(re.findall(r"{(\w+)}", path)), (method, path)
        assert all(p["required"] for p in parameters if p["in"] == "path")
        assert len({(p["in"], p["name"]) for p in parameters}) == len(parameters)
        assert all("schema" in p for p in parameters)


CART = {
    "createCart": "POST /v1/carts",
    "readCart": "GET /v1/carts/{cart_id}",
    "addLine": "POST /v1/carts/{cart_id}/lines",
    "replaceLines": "PUT /v1/carts/{cart_id}/lines",
    "clearLines": "DELETE /v1/carts/{cart_id}/lines",
    "setQuantity": "PATCH /v1/carts/{cart_id}/lines/{line}",
    "removeLine": "DELETE /v1/carts/{cart_id}/lines/{line}",
    "setTerms": "PUT /v1/carts/{cart_id}/terms",
    "mergeCart": "POST /v1/carts/{cart_id}/merge",
    "claimCart": "POST /v1/carts/{cart_id}/claim",
    "saveLine": "POST /v1/carts/{cart_id}/saved",
    "restoreSavedLine": "POST /v1/carts/{cart_id}/saved/{line}/restore",
    "removeSavedLine": "DELETE /v1/carts/{cart_id}/saved/{line}",
    "applyCoupon": "POST /v1/carts/{cart_id}/coupons",
    "removeCoupon": "DELETE /v1/carts/{cart_id}/coupons/{code}",
    "setNote": "PUT /v1/carts/{cart_id}/note",
}


def test_the_cart_has_these_operations(document: dict[str, Any]) -> None:
    found = {
        o["operationId"]: f"{method} {path}" for method, path, o in _operations(document) if o.get("tags") == ["cart"]
    }
    assert found == CART


def _contract_errors() -> list[type[RengaError]]:
    return [e for e in vars(contract).values() if isinstance(e, type) and issubclass(e, RengaError)
            and e.__module__ == contract.__name__]  # fmt: skip


@pytest.mark.parametrize("error", _contract_errors(), ids=lambda error: error.code)
def test_every_error_of_the_cart_is_documented_under_its_status(
    document: dict[str, Any], error: type[RengaError]
) -> None:
    status = str(status_of(error))
    said = [
        operation["operationId"]
        for _, path, operation in _operations(document)
        if path.startswith("/v1/carts")
        and f"`{error.code}`" in operation["responses"].get(status, {}).get("description", "")
    ]
    assert said


#: What a line of a cart may not hold is 422; an order that comes too late is 409.
TWO_STATUSES = {"out_of_stock"}


def test_every_error_is_a_problem_document_with_the_codes_that_it_may_have() -> None:
    document = described().document()
    limited = [one for one in _operations(document) if one[1].startswith("/v1/")]
    assert len(limited) > 80
    for method, path, operation in limited:
        errors = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert {"400", "401", "429", "500", "503"} <= set(errors), (method, path)
        for status, answer in errors.items():
            assert list(answer["content"]) == ["application/problem+json"], (method, path, status)
            problem, narrowed = answer["content"]["application/problem+json"]["schema"]["allOf"]
            assert problem == {"$ref": "#/components/schemas/Problem"}
            codes = narrowed["properties"]["code"]["enum"]
            assert codes == sorted(set(codes)) != []
            assert set(codes) <= set(known()), (method, path, status)
            assert {known()[code].status for code in {*codes} - TWO_STATUSES} <= {int(status)}, (method, path, status)
            if TWO_STATUSES & {*codes}:
                assert int(status) == (422 if path.startswith("/v1/carts/") else 409), (method, path)


def test_every_write_of_the_cart_takes_an_idempotency_key_and_every_body_has_an_example(
    document: dict[str, Any],
) -> None:
    for method, path, operation in _operations(document):
        if path.startswith("/v1/carts") and method != "GET":
            names = {p["name"] for p in operation["parameters"] if p["in"] == "header"}
            assert {"Idempotency-Key", "Prefer"} <= names
            # a cart that does not exist yet has no version that could be expected
            assert ("If-Match" in names) == (operation["operationId"] != "createCart")
            if operation["operationId"] == "createCart":
                assert {"404", "412"} & set(operation["responses"]) == set()
            if "requestBody" in operation:
                assert operation["requestBody"]["content"]["application/json"]["example"]


def test_operations_say_which_credentials_they_take_and_with_which_scopes(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    assert set(schemes) == {"oauth2", "api_key", "session"}
    assert schemes["oauth2"]["flows"]["authorizationCode"]["scopes"] == DECLARED.scopes
    read = document["paths"]["/v1/carts/{cart_id}"]["get"]["security"]
    assert read[0] == {}
    assert {"oauth2": ["cart"]} in read
    assert {"api_key": ["carts:any"]} in read
    claim = document["paths"]["/v1/carts/{cart_id}/claim"]["post"]["security"]
    assert claim == [{"oauth2": ["cart"]}, {"api_key": ["cart"]}, {"session": ["cart"]}]
    assert "security" not in document["paths"]["/v1/products"]["get"]


async def test_no_page_of_ours_loads_scripts_of_others() -> None:
    """Litestar's viewers load theirs from elsewhere, which our policy forbids; none of them is there."""
    transport = httpx.ASGITransport(app=make_edge(MADE, PlatformSettings()))  # type: ignore[arg-type]  # an ASGI app like any
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        viewers = (
            "",
            "/",
            "/swagger",
            "/redoc",
            "/rapidoc",
            "/elements",
            "/scalar",
            "/openapi.json",
            "/oauth2-redirect.html",
        )
        for path in viewers:
            assert (await client.get(f"/openapi{path}")).status_code == 404, path
        for path in ("/docs", "/docs/events"):
            page = await client.get(path)
            assert page.status_code == 200
            assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)


async def test_a_charset_is_said_once() -> None:
    paths = [
        "/docs",
        "/docs/start.js",
        "/docs/swagger-ui.css",
        "/docs/events",
        "/docs/events.css",
        "/problems/invalid_request",
    ]
    paths += ["/metrics", "/healthz", "/openapi.json", "/asyncapi.json", "/nowhere"]
    transport = httpx.ASGITransport(app=make_edge(MADE, PlatformSettings()))  # type: ignore[arg-type]  # an ASGI app like any
    seen = set()
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        for path in paths:
            for accept in ("text/html", "application/json"):
                kind = (await client.get(path, headers={"Accept": accept})).headers.get("content-type", "")
                assert kind.lower().count("charset=") <= 1, (path, kind)
                seen.add(kind)
    assert {"text/javascript; charset=utf-8", "text/css; charset=utf-8", "text/html; charset=utf-8"} <= seen
    assert any(kind.startswith("text/plain; version=") for kind in seen)
