"""Headers of every kind of answer: what keeps browsers from misusing it, and how it was compressed."""

import httpx
import pytest

from tests.flows.shop import Shop

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "x-frame-options": "DENY",
}


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/", {}, 200),
        ("GET", "/login", {}, 200),
        ("GET", "/nothing/here", {}, 404),
        ("GET", "/v1/products", {}, 200),
        ("GET", "/v1/products?limit=x", {}, 400),
        ("GET", "/v1/products/nothing", {}, 404),
        ("GET", "/v1/identity/me", {}, 401),
        ("GET", "/v1/carts/x", {}, 404),
        ("DELETE", "/v1/products", {}, 405),
        ("POST", "/v1/carts", {"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ("POST", "/v1/carts", {"content": b"a=b", "headers": {"content-type": "text/plain"}}, 415),
        ("POST", "/cart/lines", {"headers": {"sec-fetch-site": "cross-site"}}, 403),
        ("POST", "/graphql", {"json": {"query": "{"}}, 200),
        ("GET", "/graphql", {"headers": {"accept": "text/html"}}, 200),
        ("GET", "/media/demo/hero.svg", {}, 200),
        ("GET", "/healthz", {}, 200),
        ("GET", "/metrics", {}, 200),
        ("GET", "/docs", {}, 200),
        ("GET", "/openapi.json", {}, 200),
        ("GET", "/robots.txt", {}, 200),
        ("GET", "/sitemap.xml", {}, 200),
        ("HEAD", "/favicon.ico", {}, 200),
        ("OPTIONS", "/v1/products", {}, 204),
        ("OPTIONS", "/v1/carts", {}, 204),
        ("OPTIONS", "/graphql", {}, 204),
    ],
)
def test_every_answer_carries_them_once(
    shop: Shop, method: str, path: str, sent: dict[str, object], status: int
) -> None:
    answer = httpx.request(method, f"{shop.url}{path}", **sent)  # type: ignore[arg-type] # of several kinds
    assert answer.status_code == status, answer.text
    names = [name.decode().lower() for name, _ in answer.headers.raw]
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert [name for name in (*EVERYWHERE, "content-security-policy", "content-type") if names.count(name) > 1] == []
    assert "object-src 'none'" in answer.headers["content-security-policy"]
    assert "x-request-id" in names


@pytest.mark.parametrize("path", ["/", "/p/caneca-aurora", "/v1/products", "/openapi.json", "/media/demo/hero.svg",
                                  "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/sitemap/0.xml"])  # fmt: skip
def test_what_is_long_and_text_is_compressed_for_who_accepts_it(shop: Shop, path: str) -> None:
    plain = httpx.get(f"{shop.url}{path}", headers={"accept-encoding": "identity"})
    packed = httpx.get(f"{shop.url}{path}", headers={"accept-encoding": "br, gzip"})
    assert (plain.status_code, packed.status_code) == (200, 200)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in plain.headers["vary"].lower()
    assert plain.headers["vary"] == packed.headers["vary"]
    assert packed.num_bytes_downloaded < plain.num_bytes_downloaded * 0.6


def test_a_compressed_answer_is_asked_for_again_by_its_tag(shop: Shop) -> None:
    first = httpx.get(f"{shop.url}/v1/products")
    assert first.headers["content-encoding"] == "gzip"
    for encoding in ("gzip", "identity"):
        sent = {"if-none-match": first.headers["etag"], "accept-encoding": encoding}
        assert httpx.get(f"{shop.url}/v1/products", headers=sent).status_code == 304


def test_a_cart_keeps_its_strong_tag(shop: Shop) -> None:
    with httpx.Client(base_url=shop.url) as client:
        cart = client.post("/v1/carts", json={"currency": "BRL"}).json()["id"]
        note = client.put(f"/v1/carts/{cart}/note", json={"note": "verso " * 80})
        for n in range(12):
            client.post(f"/v1/carts/{cart}/lines", json={"sku": "CAF-SERRA-250-GR", "options": {"gift": f"para {n}"}})
        read = client.get(f"/v1/carts/{cart}")
        assert note.status_code == 200, note.text
        assert len(read.content) > 2_000
        assert not read.headers["etag"].startswith("W/")
        written = client.put(f"/v1/carts/{cart}/note", json={"note": ""}, headers={"if-match": read.headers["etag"]})
        assert written.status_code == 200, written.text
