"""Every place of a request where somebody may put the number of a card: made here, sent as bytes.

``EDGE``: refused with 422 before an operation is looked for. ``BODY``: refused with 422, or, without a right to the operation,
before the body is read. ``QUIET``: never kept, and so not refused.
"""

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from tests.cards.numbers import ALL, grouped

EDGE, BODY, QUIET = "edge", "body", "quiet"
VISA, AMEX = "4242424242424242", "378282246310005"
FORM, JSON, ROWS = "application/x-www-form-urlencoded", "application/json", "application/x-ndjson"
#: How a number stands in an address.
IN_PATHS = {
    "plain": VISA,
    "hyphens": grouped(VISA, "-"),
    "blanks": quote(grouped(VISA)),
    "escaped": "".join(f"%{ord(digit):02x}" for digit in VISA),
    "twice": "%2534" + VISA[1:],
    "wide": quote("".join(chr(0xFF10 + int(digit)) for digit in VISA)),
    "amex": f"x-{grouped(AMEX, '.')}-y",
}
IN_HEADERS = {"plain": VISA, "blanks": f"of {grouped(VISA)} and", "amex": grouped(AMEX, "-")}
PATHS = (
    "/v1/products/{}", "/v1/carts/{}", "/v1/carts/x/lines/{}", "/v1/nothing/{}", "/v1/catalog/categories/{}", "/p/{}", "/c/{}",
    "/{}", "/problems/{}", "/graphql/{}", "/media/{}", "/sitemap/{}", "/static/{}.js",
)  # fmt: skip
ASKED = ("/v1/products", "/v1/search", "/v1/search/suggest", "/", "/search", "/cart", "/graphql", "/v1/availability",
         "/oauth/authorize", "/login", "/healthz", "/nothing/here")  # fmt: skip
HEADERS = ("User-Agent", "Referer", "Idempotency-Key", "X-Request-Id", "Accept-Language", "Accept", "X-Forwarded-For", "Prefer",
           "X-API-Key", "DPoP", "Tracestate", "Baggage", "From", "Via", "X-Anything", "If-Modified-Since",
           "Content-Language")  # fmt: skip
#: Operations with a JSON body, with a valid one.
WRITES = {
    "POST /v1/carts": {"currency": "BRL"},
    "POST /v1/carts/{cart}/lines": {"sku": "CAN-AURORA-AZ", "quantity": 1},
    "PUT /v1/carts/{cart}/note": {"note": "a gift"},
    "POST /v1/carts/{cart}/coupons": {"code": "SPRING"},
    "PUT /v1/carts/{cart}/terms": {"currency": "BRL"},
    "POST /v1/carts/{cart}/merge": {"from": "x"},
    "POST /v1/carts/{cart}/estimate": {},
    "POST /v1/catalog/products": {"title": "Mug", "variants": [{"sku": "M"}]},
    "POST /v1/promotions": {"name": "VIP"},
    "PUT /v1/search/pins": {"text": "x", "language": "en"},
    "PUT /v1/inventory/levels/CAN-AURORA-AZ": {"on_hand": 5},
    "POST /v1/nothing/here": {},
}
FORMS = (
    "/cart/lines",
    "/cart/coupons",
    "/preferences",
    "/cart/currency",
    "/login",
    "/register",
    "/oauth/token",
    "/recover",
)


class Place(NamedTuple):
    name: str
    request: bytes
    expected: str


def request(method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """The bytes of a request on a connection of its own."""
    lines = {"Host": "shop.test", "Connection": "close"} | (headers or {})
    if body or method in ("POST", "PUT", "PATCH"):
        lines.setdefault("Content-Length", str(len(body)))
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


def places(cart: str, token: str) -> list[Place]:
    """All of them; ``cart`` is a guest's, ``token`` has every scope."""
    bearer = {"Authorization": f"Bearer {token}"}
    return [
        *_addresses(),
        *_queries(),
        *_headers(),
        *_json(cart, bearer),
        *_notes(cart),
        *_broken(cart, bearer),
        *_forms(),
        *_multipart(bearer),
        *_graphql(),
        *_methods(),
        *_transport(cart),
    ]


def _addresses() -> Iterator[Place]:
    for path in PATHS:
        for form, text in IN_PATHS.items():
            yield Place(f"path {path} {form}", request("GET", path.format(text)), EDGE)


def _queries() -> Iterator[Place]:
    for path in ASKED:
        for form in ("plain", "blanks", "escaped"):
            text = IN_PATHS[form]
            for query in (f"q={text}", f"unknown=before{'+' if form == 'blanks' else '-'}{text}", f"{text}=1"):
                yield Place(f"query {path}?{query}", request("GET", f"{path}?{query}"), EDGE)


def _headers() -> Iterator[Place]:
    for name in HEADERS:
        for form, text in IN_HEADERS.items():
            yield Place(f"header {name} {form}", request("GET", "/v1/products", {name: text}), EDGE)
    for name in ("Cookie", "If-None-Match"):
        for form, text in IN_HEADERS.items():
            value = f"renga_session={text}; x={text}" if name == "Cookie" else f'"{text}"'
            yield Place(f"header {name} {form}", request("GET", "/cart", {name: value}), QUIET)
    basic = [f"{VISA}:x", f"x:{VISA}", f"{grouped(VISA)}:secret"]
    for text in basic:
        value = f"Basic {base64.b64encode(text.encode()).decode()}"
        yield Place(f"basic {text}", request("POST", "/oauth/token", {"Authorization": value}), EDGE)
    yield Place("bearer", request("GET", "/v1/products", {"Authorization": f"Bearer {VISA}"}), EDGE)
    yield Place("scheme", request("GET", "/v1/products", {"Authorization": f"{VISA} x"}), EDGE)
    yield Place("header name", request("GET", "/v1/products", {VISA: "x"}), EDGE)
    yield Place("content type", request("POST", "/v1/carts", {"Content-Type": f"application/{VISA}"}, b"{}"), EDGE)
    yield Place("page", request("GET", f"/search?q={VISA}", {"Accept": "text/html"}), EDGE)
    yield Place("long header", request("GET", "/v1/products", {"X-Long": "x" * 6_000 + f" {VISA}"}), EDGE)


def _json(cart: str, bearer: dict[str, str]) -> Iterator[Place]:
    for operation, valid in WRITES.items():
        method, target = operation.format(cart=cart).split()
        deep = '{"a":' * 60 + f'"{VISA}"' + "}" * 60
        start = json.dumps(valid).removesuffix("}") + (", " if valid else "")
        for kind, member in {
            "unknown": f'"card": "{VISA}"',
            "grouped": f'"x": "{grouped(VISA)}"',
            "number": f'"x": {VISA}',
            "name": f'"{VISA}": 1',
            "deep": f'"x": {deep}',
            "list": f'"x": [1, [["{VISA}"]]]',
            "escaped": '"x": "' + "".join(f"\\u{ord(digit):04x}" for digit in VISA) + '"',
        }.items():
            caller = {} if "/carts" in target else bearer
            sent = request(method, target, {"Content-Type": JSON} | caller, f"{start}{member}}}".encode())
            yield Place(f"json {operation} {kind}", sent, BODY)


def _notes(cart: str) -> Iterator[Place]:
    for number in ALL:
        for text in (number, grouped(number), f"please take {grouped(number, '-')} 12/27 123"):
            body = json.dumps({"note": text}).encode()
            yield Place(f"note {text}", request("PUT", f"/v1/carts/{cart}/note", {"Content-Type": JSON}, body), BODY)


def _broken(cart: str, bearer: dict[str, str]) -> Iterator[Place]:
    bodies = {
        "malformed": f'{{"note": "{VISA}'.encode(),
        "not utf-8": b'{"note": "\xff\xfe ' + VISA.encode() + b'"}',
        "twice": f'{{"note": "{VISA}", "note": "x"}}'.encode(),
        "long": b'{"note": "' + b"x" * 200_000 + f' {VISA}"}}'.encode(),
        "text": VISA.encode(),
        "list": f"[{VISA}]".encode(),
        "nul": b'{"note": "\\u0000' + VISA.encode() + b'"}',
    }
    for kind, body in bodies.items():
        for target in (f"/v1/carts/{cart}/note", "/v1/promotions/conflicts"):
            method = "PUT" if "note" in target else "POST"
            for media in (JSON, "text/plain"):
                sent = request(method, target, {"Content-Type": media} | (bearer if "promo" in target else {}), body)
                yield Place(f"broken {kind} {target} {media}", sent, BODY)
    row = f'{{"slug": "m-1", "title": "Mug {VISA}", "variants": [{{"sku": "M-1"}}]}}\n'.encode()
    for name, body, more in (("rows", row, {}), ("packed rows", gzip.compress(row), {"Content-Encoding": "gzip"})):
        yield Place(name, request("POST", "/v1/catalog/bulk", bearer | more | {"Content-Type": ROWS}, body), QUIET)
    level = f'{{"sku": "CAN-AURORA-AZ", "on_hand": 5, "location": "{VISA}"}}\n'.encode()
    yield Place("levels", request("PUT", "/v1/inventory/levels-file", bearer | {"Content-Type": ROWS}, level), BODY)
    packed = gzip.compress(json.dumps({"note": VISA}).encode())
    more = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    yield Place("packed note", request("PUT", f"/v1/carts/{cart}/note", more, packed), QUIET)


def _forms() -> Iterator[Place]:
    for path in FORMS:
        for fields in (f"note={VISA}", f"email={quote(grouped(VISA))}&password=x", f"{VISA}=1", "code=" + IN_PATHS["escaped"],
                       f"code={grouped(VISA, '+')}", f"sku=A&x={VISA}"):  # fmt: skip
            for more in ({}, {"Accept": "text/html"}):
                sent = request("POST", path, {"Content-Type": FORM} | more, fields.encode())
                yield Place(f"form {path} {fields} {more}", sent, BODY)


def _multipart(bearer: dict[str, str]) -> Iterator[Place]:
    for name, file_name, media, value in (
        (VISA, "a.png", "image/png", "x"), ("file", f"{VISA}.png", "image/png", "x"), ("file", "a.png", VISA, "x"),
        ("file", "a.png", "image/png", f"tEXt{grouped(VISA)}"), ("note", "", "text/plain", VISA),
        ("file", f"{grouped(VISA, '_')}.png", "image/png", "x"),
    ):  # fmt: skip
        shown = f'; filename="{file_name}"' if file_name else ""
        head = f'Content-Disposition: form-data; name="{name}"{shown}\r\nContent-Type: {media}\r\n\r\n'
        body = f"--cut\r\n{head}{value}\r\n--cut--\r\n".encode()
        for path in ("/v1/catalog/media", "/cart/lines", "/v1/carts"):
            headers = bearer | {"Content-Type": "multipart/form-data; boundary=cut"}
            yield Place(
                f"multipart {path} {name} {file_name} {value}",
                request("POST", path, headers, body),
                BODY if "/v1" in path else QUIET,
            )
    boundary = {"Content-Type": f"multipart/form-data; boundary={VISA}"}
    yield Place("boundary", request("POST", "/v1/catalog/media", bearer | boundary, b"--\r\n"), EDGE)


def _graphql() -> Iterator[Place]:
    for form in (VISA, grouped(VISA), grouped(AMEX, "-")):
        bodies: dict[str, dict[str, Any]] = {
            "text": {"query": f'{{ search(text: "{form}") {{ total }} }}'},
            "block": {"query": f'{{ search(text: """a\n{form}""") {{ total }} }}'},
            "variable": {"query": "query A($t: String) { search(text: $t) { total } }", "variables": {"t": form}},
            "unused variable": {"query": "{ __typename }", "variables": {"deep": [{"x": form}]}},
            "operation": {"query": "{ __typename }", "operationName": form},
            "comment": {"query": f"# {form}\n{{ __typename }}"},
            "extension": {"query": "{ __typename }", "extensions": {"x": form}},
            "not GraphQL": {"query": form},
            "slug": {"query": f'{{ product(slug: "{form}") {{ title }} }}'},
            "member": {"query": "{ __typename }", form: 1},
        }
        for kind, body in bodies.items():
            sent = request("POST", "/graphql", {"Content-Type": JSON}, json.dumps(body).encode())
            yield Place(f"graphql {kind} {form}", sent, BODY)
        query = quote(bodies["text"]["query"])
        yield Place(f"graphql get {form}", request("GET", f"/graphql?query={query}"), EDGE)
        variables = quote(json.dumps({"t": form}))
        yield Place(f"graphql get variables {form}", request("GET", f"/graphql?query=x&variables={variables}"), EDGE)


def _methods() -> Iterator[Place]:
    for method in ("DELETE", "PUT", "PATCH", "OPTIONS", "HEAD"):
        for path in ("/v1/products/{}", "/healthz?x={}", "/{}", "/cart?x={}"):
            yield Place(f"{method} {path}", request(method, path.format(VISA)), EDGE)
    yield Place("preflight", request("OPTIONS", f"/v1/products?x={VISA}", {"Origin": "https://a.example"}), EDGE)


def _transport(cart: str) -> Iterator[Place]:
    note = f"/v1/carts/{cart}/note"
    chunked = {"Content-Type": JSON, "Transfer-Encoding": "chunked", "Content-Length": ""}
    head = request("PUT", note, chunked).replace(b"Content-Length: \r\n", b"")
    start = b'{"note": "'
    cut = (start + VISA[:8].encode(), VISA[8:].encode() + b'"}')
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in cut) + b"0\r\n"
    yield Place("chunks that cut the number", head + body + b"\r\n", BODY)
    yield Place(
        "a trailer", head.replace(note.encode(), b"/v1/nothing") + body[-3:] + f"X-Card: {VISA}\r\n\r\n".encode(), QUIET
    )
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    upgrade |= {"Sec-WebSocket-Key": base64.b64encode(b"0" * 16).decode()}
    yield Place("websocket", request("GET", f"/v1/x?card={VISA}", upgrade), QUIET)
    yield Place("http/1.0", request("GET", f"/v1/x/{VISA}").replace(b"HTTP/1.1", b"HTTP/1.0"), EDGE)
    yield Place("absolute", request("GET", f"http://shop.test/v1/x/{VISA}"), EDGE)
    first = request("GET", "/v1/products").replace(b"Connection: close\r\n", b"")
    yield Place("pipelined", first + request("GET", f"/v1/x?y={VISA}"), QUIET)
    yield Place("an unknown method", request(VISA, "/"), QUIET)
    yield Place("no HTTP", f"{VISA}\r\n\r\n".encode(), QUIET)
    yield Place("unfinished", request("GET", f"/v1/x?y={VISA}")[:-2], QUIET)
