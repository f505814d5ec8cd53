"""The edge of the API: authentication, security headers, request ids, CORS."""

import base64
import hmac
import json
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from renga.kernel.clock import SystemClock
from tests.cart.support import Shop, Tokens, api_client
from tests.cart.test_http_refusals import assert_problem

NOW_S = SystemClock().now_ms() // 1000
CLAIMS = {
    "iss": "renga", "aud": "renga", "sub": "ana", "client_id": "c", "jti": "t", "scope": "cart",
    "exp": NOW_S + 3_600, "nbf": NOW_S - 10, "iat": NOW_S - 10,
}  # fmt: skip


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def signed(tokens: Tokens, *, typ: str = "at+jwt", **claims: Any) -> str:
    header = {"alg": "ES256", "typ": typ, "kid": tokens.key.kid}
    wanted = {name: value for name, value in (CLAIMS | claims).items() if value is not ...}
    return jwt.encode(header, wanted, tokens.key, algorithms=["ES256"])


def with_public_key_as_secret(tokens: Tokens) -> str:
    """The well-known confusion: HS256 with the public key, which everybody has, as the secret."""
    text = f"{part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': tokens.key.kid})}.{part(CLAIMS)}"
    mac = hmac.digest(tokens.key.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def by_a_stranger(tokens: Tokens) -> str:
    kid = tokens.key.kid
    assert kid is not None
    stranger = ECKey.generate_key("P-256", {"kid": kid})
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": tokens.key.kid}, CLAIMS, stranger, algorithms=["ES256"])


def with_other_claims(tokens: Tokens) -> str:
    head, _, signature = signed(tokens).split(".")
    return f"{head}.{part(CLAIMS | {'sub': 'bia'})}.{signature}"


BAD_TOKENS: dict[str, Any] = {
    "an expired one": lambda t: signed(t, exp=NOW_S - 60),
    "one that is not valid yet": lambda t: signed(t, nbf=NOW_S + 600),
    "one without an end": lambda t: signed(t, exp=...),
    "one of another issuer": lambda t: signed(t, iss="https://evil.example"),
    "one for another audience": lambda t: signed(t, aud="other"),
    "one for other audiences": lambda t: signed(t, aud=["a", "b"]),
    "an id token": lambda t: signed(t, typ="JWT"),
    "one of nobody": lambda t: signed(t, sub=...),
    "one whose subject is a number": lambda t: signed(t, sub=7),
    "an unsigned one": lambda _: f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{part(CLAIMS)}.",
    "one signed with the public key as a secret": with_public_key_as_secret,
    "one of a stranger with our key's name": by_a_stranger,
    "one whose claims were changed": with_other_claims,
    "garbage": lambda _: "garbage",
    "dots": lambda _: "..",
    "four parts": lambda t: signed(t) + ".x",
    "a very long one": lambda _: "x" * 9_000,
    "what is not ASCII": lambda _: "\u00e9.\u00e9.\u00e9",
}


@pytest.mark.parametrize("name", BAD_TOKENS)
async def test_a_token_that_is_not_ours_is_401_on_reads_and_writes(
    api: httpx.AsyncClient, shop: Shop, tokens: Tokens, name: str
) -> None:
    cart_id = await shop.new_cart()
    before = await shop.dump(cart_id)
    headers = [(b"authorization", f"Bearer {BAD_TOKENS[name](tokens)}".encode("latin-1"))]
    for answer in (
        await api.get(f"/v1/carts/{cart_id}", headers=headers),
        await api.post(f"/v1/carts/{cart_id}/lines", json={"sku": "MUG"}, headers=headers),
        await api.post("/v1/carts", json={"currency": "BRL"}, headers=headers),
    ):
        assert_problem(answer, 401, "invalid_token")
        assert answer.headers["www-authenticate"].startswith('Bearer realm="renga", error="invalid_token"')
    assert await shop.dump(cart_id) == before


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic YW5hOmFuYQ==", "bearer\ttoken", "token"])
async def test_a_credential_of_another_kind_is_401(api: httpx.AsyncClient, shop: Shop, value: str) -> None:
    answer = await api.get(f"/v1/carts/{await shop.new_cart()}", headers={"authorization": value})
    assert_problem(answer, 401, "invalid_token")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_good_token_names_the_owner_of_a_new_cart(api: httpx.AsyncClient, tokens: Tokens, scheme: str) -> None:
    headers = {"authorization": f"{scheme} {signed(tokens, aud=['x', 'renga'])}"}
    answer = await api.post("/v1/carts", json={"currency": "BRL"}, headers=headers)
    assert (answer.status_code, answer.json()["customer"]) == (201, "ana")


async def test_a_token_whose_subject_is_a_star_is_no_service(api: httpx.AsyncClient, tokens: Tokens) -> None:
    made = await api.post("/v1/carts", json={"currency": "BRL"}, headers=tokens.header("ana"))
    answer = await api.get(made.headers["location"], headers=tokens.header("*"))
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


ANSWERS = {
    "a page": ("GET", "/docs", 200),
    "a description": ("GET", "/openapi.json", 200),
    "an unknown page": ("GET", "/v1/nope", 404),
    "a cart that is not there": ("GET", "/v1/carts/x", 404),
    "a bad body": ("POST", "/v1/carts", 415),
    "a wrong method": ("PUT", "/v1/carts", 405),
    "a probe": ("GET", "/healthz", 200),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_every_answer_has_the_security_headers_and_a_request_id(api: httpx.AsyncClient, name: str) -> None:
    method, path, status = ANSWERS[name]
    answer = await api.request(method, path)
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["permissions-policy"] == "camera=(), geolocation=(), microphone=()"
    policy = answer.headers["content-security-policy"]
    assert {"default-src 'self'", "object-src 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))
    assert answer.headers.get_list("content-security-policy") == [policy]
    assert "strict-transport-security" not in answer.headers
    assert len(answer.headers["x-request-id"]) > 10
    assert "server" not in answer.headers


async def test_a_shop_behind_https_says_so(shop: Shop, tokens: Tokens) -> None:
    async with api_client(shop, tokens, public_url="https://shop.example") as api:
        answer = await api.get("/healthz")
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("wanted", ["abc", "0af7651916cd43dd8448eb211c80319c", "a-b-1", "x" * 64])
async def test_a_request_id_of_the_caller_is_kept(api: httpx.AsyncClient, wanted: str) -> None:
    answer = await api.get("/v1/carts/x", headers={"x-request-id": wanted})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == wanted


@pytest.mark.parametrize(
    "hostile", ["", "x" * 65, "a b", "a\tb", "<script>", 'a"b', "a\\nb", "a;b", "--", "\u00e9", "${jndi:ldap://x}"]
)
async def test_a_request_id_that_could_do_harm_in_a_log_is_replaced(api: httpx.AsyncClient, hostile: str) -> None:
    answer = await api.get("/v1/carts/x", headers=[(b"x-request-id", hostile.encode("latin-1"))])
    given = answer.headers["x-request-id"]
    assert given != hostile
    assert given.replace("-", "").isalnum()
    assert answer.json()["request_id"] == given


async def test_each_request_gets_an_id_of_its_own(api: httpx.AsyncClient) -> None:
    assert len({(await api.get("/healthz")).headers["x-request-id"] for _ in range(20)}) == 20


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/docs"])
async def test_head_answers_as_get_without_the_content(api: httpx.AsyncClient, path: str) -> None:
    whole, head = await api.get(path), await api.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert head.headers["content-type"] == whole.headers["content-type"]


ORIGIN = {"origin": "https://shop.example"}
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "content-type,idempotency-key"}


async def test_browsers_of_other_origins_are_let_in_by_setting_only(shop: Shop, tokens: Tokens) -> None:
    async with api_client(shop, tokens, cors_origins=("https://shop.example",)) as api:
        preflight = await api.options("/v1/carts", headers=ORIGIN | PREFLIGHT)
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-origin"] == "https://shop.example"
        assert "idempotency-key" in preflight.headers["access-control-allow-headers"].lower()
        made = await api.post("/v1/carts", json={"currency": "BRL"}, headers=ORIGIN)
        assert (made.status_code, made.headers["access-control-allow-origin"]) == (201, "https://shop.example")
        assert {"ETag", "Location", "Idempotency-Replayed"} <= set(
            made.headers["access-control-expose-headers"].split(", ")
        )
        refused = await api.post("/v1/carts", content=b"{", headers=ORIGIN | {"content-type": "application/json"})
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (400, "https://shop.example")
        stranger = {"origin": "https://evil.example"}
        assert "access-control-allow-origin" not in (await api.get("/v1/carts/x", headers=stranger)).headers
        assert (
            "access-control-allow-origin" not in (await api.options("/v1/carts", headers=stranger | PREFLIGHT)).headers
        )


async def test_without_the_setting_no_origin_is_let_in(api: httpx.AsyncClient) -> None:
    for answer in (
        await api.options("/v1/carts", headers=ORIGIN | PREFLIGHT),
        await api.post("/v1/carts", json={"currency": "BRL"}, headers=ORIGIN),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
