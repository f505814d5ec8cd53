"""Errors of the cart's REST API: each is a problem document with its code, and changes nothing."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from renga.domains.cart.contract import Write
from renga.kernel.caller import ANONYMOUS
from tests.cart.support import MemoryCatalog, Shop, Tokens, api_client
from tests.engines.process import free_port

JSON = {"content-type": "application/json"}


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of RFC 9457, after checking all that every one of them has."""
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["type"]) == (status, f"/problems/{code}")
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert re.fullmatch(r".{3,}", problem["title"])
    assert problem["detail"]
    assert "Traceback" not in answer.text
    return problem


@pytest.fixture
async def cart(api: httpx.AsyncClient) -> str:
    cart_id = (await api.post("/v1/carts", json={"currency": "BRL"})).json()["id"]
    await api.post(f"/v1/carts/{cart_id}/lines", json={"sku": "MUG", "quantity": 2})
    return f"/v1/carts/{cart_id}"


LINES: dict[str, tuple[int, dict[str, Any], dict[str, Any]]] = {
    "variant_not_found": (404, {"sku": "NOPE"}, {"sku": "NOPE"}),
    "currency_unavailable": (422, {"sku": "BOOK"}, {"currency": "BRL"}),
    "quantity_out_of_range": (422, {"sku": "MUG", "quantity": 8}, {"maximum": 9}),
    "unprocessable": (422, {"sku": ""}, {"field": "sku"}),
}


@pytest.mark.parametrize("code", LINES)
async def test_an_add_that_cannot_be_says_why(api: httpx.AsyncClient, shop: Shop, cart: str, code: str) -> None:
    status, body, members = LINES[code]
    before = (await api.get(cart)).json()
    problem = assert_problem(await api.post(f"{cart}/lines", json=body), status, code)
    assert members.items() <= problem.items()
    assert (await api.get(cart)).json() == before


@pytest.mark.parametrize("quantity", [0, -1, 10, 10**18, 10**30, -(10**30)])
async def test_a_quantity_out_of_range_is_refused(api: httpx.AsyncClient, cart: str, quantity: int) -> None:
    before = (await api.get(cart)).json()
    body = b'{"sku":"MUG","quantity":%s}' % str(quantity).encode()
    problem = assert_problem(await api.post(f"{cart}/lines", content=body, headers=JSON), 422, "quantity_out_of_range")
    assert (problem["minimum"], problem["maximum"]) == (1, 9)
    assert (await api.get(cart)).json() == before


async def test_a_full_cart_says_its_limit(api: httpx.AsyncClient, cart: str) -> None:
    for n in range(2):
        await api.post(f"{cart}/lines", json={"sku": "MUG", "options": {"n": str(n)}})
    problem = assert_problem(await api.post(f"{cart}/lines", json={"sku": "BOWL"}), 422, "line_limit")
    assert problem["limit"] == 3


async def test_a_line_or_cart_that_is_not_there_is_404(api: httpx.AsyncClient, shop: Shop, cart: str) -> None:
    assert_problem(await api.patch(f"{cart}/lines/nope", json={"quantity": 1}), 404, "line_not_found")
    assert_problem(await api.delete(f"{cart}/lines/nope"), 404, "line_not_found")
    assert_problem(await api.post(f"{cart}/saved", json={"line": "nope"}), 404, "line_not_found")
    assert_problem(await api.get(f"/v1/carts/{shop.dependencies.new_id()}"), 404, "cart_not_found")
    assert_problem(
        await api.post(f"/v1/carts/{shop.dependencies.new_id()}/lines", json={"sku": "MUG"}), 404, "cart_not_found"
    )


@pytest.mark.parametrize("part", ["x", "%00", "%2e%2e", "%C3%A9", "a%20b", "%7B0%7D", "*", "'", '%22"', "1" * 2_000])
async def test_a_path_of_odd_characters_is_404_and_never_an_error_of_ours(
    api: httpx.AsyncClient, cart: str, part: str
) -> None:
    before = (await api.get(cart)).json()
    assert (await api.get(f"/v1/carts/{part}")).json()["code"] in ("cart_not_found", "route_not_found")
    assert_problem(await api.delete(f"{cart}/lines/x{part}"), 404, "line_not_found")
    assert (await api.get(cart)).json() == before


async def test_a_cart_that_is_over_says_how_it_ended(api: httpx.AsyncClient, shop: Shop) -> None:
    done, late, soon = [(await shop.carts.create(ANONYMOUS, "BRL", write=Write())).cart_id for _ in range(3)]
    await shop.add(done, "MUG")
    await shop.carts.complete(ANONYMOUS, done, {(await shop.carts.read(ANONYMOUS, done)).lines[0].line: 1}, Write())
    shop.clock.advance(ms=shop.limits.life_ms)  # type: ignore[attr-defined] # the test's clock
    assert_problem(await api.get(f"/v1/carts/{soon}"), 410, "cart_expired")
    for shard in range(shop.store.shards):
        await shop.store.sweep(shard, 100)
    assert_problem(await api.get(f"/v1/carts/{late}"), 410, "cart_expired")
    assert_problem(await api.post(f"/v1/carts/{late}/lines", json={"sku": "MUG"}), 410, "cart_expired")
    assert_problem(await api.post(f"/v1/carts/{done}/lines", json={"sku": "MUG"}), 409, "cart_completed")
    assert (await api.get(f"/v1/carts/{done}")).json()["state"] == "completed"


BAD: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 400, "invalid_json"),
    "half an object": (b'{"sku":"MUG"', 400, "invalid_json"),
    "two objects": (b'{"sku":"MUG"}{"sku":"MUG"}', 400, "invalid_json"),
    "a trailing comma": (b'{"sku":"MUG",}', 400, "invalid_json"),
    "a byte order mark": (b'\xef\xbb\xbf{"sku":"MUG"}', 400, "invalid_json"),
    "what is not utf-8": (b'{"sku":"\xff\xfe"}', 400, "invalid_json"),
    "half a surrogate pair": (b'{"sku":"\\ud800"}', 400, "invalid_json"),
    "not a number": (b'{"sku":"MUG","quantity":NaN}', 400, "invalid_json"),
    "a bomb of brackets": (b'{"sku":"MUG","options":' + b"[" * 100_000, 400, "invalid_request"),
    "a bomb of unknown members": (b'{"x":' + b"[" * 100_000, 400, "invalid_request"),
    "null": (b"null", 400, "invalid_request"),
    "a list": (b"[]", 400, "invalid_request"),
    "a member that nobody knows": (b'{"sku":"MUG","price":1}', 400, "invalid_request"),
    "no sku": (b'{"quantity":1}', 400, "invalid_request"),
    "a number for the sku": (b'{"sku":7}', 400, "invalid_request"),
    "no quantity, but null": (b'{"sku":"MUG","quantity":null}', 400, "invalid_request"),
    "a quantity in a text": (b'{"sku":"MUG","quantity":"2"}', 400, "invalid_request"),
    "a quantity of one and a half": (b'{"sku":"MUG","quantity":1.5}', 400, "invalid_request"),
    "a quantity of one point zero": (b'{"sku":"MUG","quantity":1.0}', 400, "invalid_request"),
    "a quantity that is true": (b'{"sku":"MUG","quantity":true}', 400, "invalid_request"),
    "an infinite quantity": (b'{"sku":"MUG","quantity":1e999}', 400, "invalid_request"),
    "options that are a list": (b'{"sku":"MUG","options":[]}', 400, "invalid_request"),
    "an option that is a number": (b'{"sku":"MUG","options":{"a":1}}', 400, "invalid_request"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_body_that_is_not_what_it_should_be_is_refused(api: httpx.AsyncClient, cart: str, name: str) -> None:
    body, status, code = BAD[name]
    before = (await api.get(cart)).json()
    assert_problem(await api.post(f"{cart}/lines", content=body, headers=JSON), status, code)
    for method, path in (("PUT", f"{cart}/lines"), ("POST", "/v1/carts")):
        answer = await api.request(method, path, content=body, headers=JSON)
        assert_problem(answer, 400, answer.json()["code"])
        assert answer.json()["code"] in ("invalid_json", "invalid_request")
    assert (await api.get(cart)).json() == before


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonx; a=b"])
async def test_a_body_that_does_not_say_that_it_is_json_is_415(
    api: httpx.AsyncClient, cart: str, kind: str | None
) -> None:
    headers = {} if kind is None else {"content-type": kind}
    before = (await api.get(cart)).json()
    answer = await api.post(f"{cart}/lines", content=b'{"sku":"MUG"}', headers=headers)
    assert_problem(answer, 415, "unsupported_media_type")
    assert (await api.get(cart)).json() == before


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"])
async def test_json_may_be_named_with_parameters_and_in_any_case(api: httpx.AsyncClient, cart: str, kind: str) -> None:
    answer = await api.post(f"{cart}/lines", content=b'{"sku":"MUG"}', headers={"content-type": kind})
    assert (answer.status_code, answer.json()["counts"]["items"]) == (200, 3)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_413(shop: Shop, tokens: Tokens, chunked: bool) -> None:
    async def parts(total: int) -> AsyncIterator[bytes]:
        text = b'{"currency":"BRL"}'
        yield text
        for _ in range((total - len(text)) // 6):
            yield b"      "

    async with api_client(shop, tokens, body_max_bytes=1_200) as api:
        for size, status in ((1_200, 201), (1_206, 413)):
            content = parts(size) if chunked else b"".join([part async for part in parts(size)])
            answer = await api.post("/v1/carts", content=content, headers=JSON)
            assert answer.status_code == status
        assert assert_problem(answer, 413, "too_large")["limit"] == 1_200


@pytest.mark.parametrize("key", ["x" * 256, "", '""', "a\tb", "\u00a0"])
async def test_a_key_that_no_store_should_keep_is_400(api: httpx.AsyncClient, cart: str, key: str) -> None:
    before = (await api.get(cart)).json()
    headers = [(b"idempotency-key", key.encode("latin-1"))]
    answer = await api.post(f"{cart}/lines", json={"sku": "MUG"}, headers=headers)
    assert_problem(answer, 400, "invalid_request")
    assert (await api.get(cart)).json() == before


@pytest.mark.parametrize(
    "path", ["/v1/cart", "/v1/carts/a/b", "/v1/carts/a/lines/b/c", "/v1/carts/a/saved/b/d", "/v2/carts"]
)
async def test_an_address_with_nothing_behind_it_is_404(api: httpx.AsyncClient, path: str) -> None:
    assert_problem(await api.post(path, json={}), 404, "route_not_found")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/carts", "OPTIONS, POST"),
        ("POST", "/v1/carts/x", "GET, HEAD, OPTIONS"),
        ("GET", "/v1/carts/x/lines", "DELETE, OPTIONS, POST, PUT"),
        ("PUT", "/v1/carts/x/lines/y", "DELETE, OPTIONS, PATCH"),
        ("BREW", "/v1/carts/x/note", "OPTIONS, PUT"),
        ("POST", "/healthz", "GET, HEAD, OPTIONS"),
        ("POST", "/readyz", "GET, HEAD, OPTIONS"),
    ],
)
async def test_a_method_that_an_address_does_not_take_is_405_and_says_which_it_takes(
    api: httpx.AsyncClient, method: str, path: str, allow: str
) -> None:
    answer = await api.request(method, path)
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allow


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/v1/carts", "OPTIONS, POST"),
        ("/v1/carts/x", "GET, HEAD, OPTIONS"),
        ("/v1/carts/x/lines/y", "DELETE, OPTIONS, PATCH"),
        ("/healthz", "GET, HEAD, OPTIONS"),
        ("/readyz", "GET, HEAD, OPTIONS"),
    ],
)
async def test_options_says_which_methods_an_address_takes(api: httpx.AsyncClient, path: str, allow: str) -> None:
    answer = await api.options(path)
    assert (answer.status_code, answer.content, answer.headers["allow"]) == (204, b"", allow)


@pytest.mark.parametrize("sku", ["", "a\u200bb", "a\xa0b", "a\u202eb", "a\nb", "x" * 101])
async def test_what_no_sku_can_be_is_refused_by_name(api: httpx.AsyncClient, cart: str, sku: str) -> None:
    problem = assert_problem(await api.post(f"{cart}/lines", json={"sku": sku}), 422, "unprocessable")
    assert problem["field"] == "sku"


async def test_a_quantity_out_of_range_is_named_with_its_place(api: httpx.AsyncClient, cart: str) -> None:
    lines = [{"sku": "MUG"}, {"sku": "CUP", "quantity": 0}]
    replaced = await api.put(f"{cart}/lines", json={"lines": lines})
    assert assert_problem(replaced, 422, "quantity_out_of_range")["field"] == "lines[1].quantity"
    added = await api.post(f"{cart}/lines", json={"sku": "MUG", "quantity": 10})
    assert assert_problem(added, 422, "quantity_out_of_range")["field"] == "quantity"


async def test_a_store_that_is_away_is_503_and_says_when_to_try_again(catalog: MemoryCatalog, tokens: Tokens) -> None:
    async with (
        Shop(f"redis://127.0.0.1:{free_port(56000)}", catalog, deadline_s=0.2) as shop,
        api_client(shop, tokens) as api,
    ):
        path = f"/v1/carts/{shop.dependencies.new_id()}"
        for answer in (
            await api.get(path),
            await api.post("/v1/carts", json={"currency": "BRL"}),
            await api.post(f"{path}/lines", json={"sku": "MUG"}),
        ):
            assert_problem(answer, 503, "store_unavailable")
            assert answer.headers["retry-after"] == "1"
