"""Every operation that takes JSON refuses a body that is none in the same words, whoever reads it: framework, handler, table."""

import json
import re

import httpx
import pytest

from renga.apps.app import make_edge
from renga.apps.modules import DECLARED
from renga.kernel.clock import SystemClock
from renga.platform.auth.signing import sign
from renga.platform.settings import PlatformSettings
from tests.architecture.test_access import KEY, MADE
from tests.documented import DOCUMENT

#: Operations that take no body at all as one without members.
BODY_OPTIONAL = {f"/v1/payments/{{payment_id}}/{what}" for what in ("capture", "refund", "void")}
OPERATIONS = [
    (method.upper(), path)
    for path, item in json.loads(DOCUMENT.read_text("utf-8"))["paths"].items()
    for method, operation in item.items()
    if {*operation.get("requestBody", {"content": {}})["content"]} == {"application/json"}
]
JSON = "application/json"


async def _send(method: str, path: str, body: bytes, content_type: str) -> httpx.Response:
    scope = " ".join(sorted(frozenset[str]().union(*DECLARED.grants.values())))
    token = sign(KEY, subject="someone", scope=scope, issuer="renga", life_s=60, clock=SystemClock(), token_id="t")
    transport = httpx.ASGITransport(app=make_edge(MADE, PlatformSettings()))  # type: ignore[arg-type]  # an ASGI app like any
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": content_type, "Idempotency-Key": "k"}
        return await client.request(
            method, re.sub(r"[{}]", "", path.replace("{currency}", "BRL")), content=body, headers=headers
        )


def test_the_walk_reaches_every_domain() -> None:
    assert {path.split("/")[2] for _, path in OPERATIONS} >= {"carts", "catalog", "identity", "search"}


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{m} {p}" for m, p in OPERATIONS])
async def test_what_is_no_json_is_refused_in_the_same_words(method: str, path: str) -> None:
    for body in (b"", b"{", b'{"\xff": 1}', b"\xef\xbb\xbf{}"):
        if not body and path in BODY_OPTIONAL:
            continue
        answer = await _send(method, path, body, JSON)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json"), (body, answer.text)
    for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = await _send(method, path, b"{}", content_type)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type"), (
            content_type,
            answer.text,
        )


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{m} {p}" for m, p in OPERATIONS])
async def test_what_is_nested_without_end_is_refused(method: str, path: str) -> None:
    answer = await _send(method, path, b'{"a":' * 100_000, JSON)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] in ("invalid_json", "invalid_request", "json_too_complex")


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/v1/identity/me/addresses", {"default": 0}, "default"),
        ("POST", "/v1/identity/me/addresses", {"default": "true"}, "default"),
        ("POST", "/v1/carts", {"currency": "BRL", "expires_in": "60"}, "expires_in"),
        ("PUT", "/v1/identity/admin/merchants/{merchant_id}/rejection", {"reason": ""}, "reason"),
        ("PUT", "/v1/identity/admin/accounts/{account_id}/lock", {"reason": "\0a"}, "reason"),
        ("POST", "/v1/identity/me/totp/confirm", {"code": 123456}, "code"),
        ("PUT", "/v1/search/pins", {"language": "pt-BR", "text": 7}, "text"),
    ],
)
async def test_a_member_of_another_type_is_refused_by_name_whoever_reads_the_body(
    method: str, path: str, body: dict[str, object], field: str
) -> None:
    answer = await _send(method, path, json.dumps(_whole(method, path) | body).encode(), JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), answer.text
    assert answer.json()["field"] == field


def _whole(method: str, path: str) -> dict[str, object]:
    """The document's example of the body."""
    operation = json.loads(DOCUMENT.read_text("utf-8"))["paths"][path][method.lower()]
    example: dict[str, object] = operation["requestBody"]["content"][JSON].get("example", {})
    return example
