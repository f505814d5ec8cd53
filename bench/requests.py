"""The requests that are measured, as bytes, so that every driver sends the same."""

from collections.abc import Mapping

import msgspec

MINIMAL = {"Prefer": "return=minimal"}


def request(method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> bytes:
    """One HTTP/1.1 request with keep-alive; ``body`` goes as JSON (None: no body)."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    content = b""
    if body is not None:
        content = msgspec.json.encode(body)
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


def add(cart_id: str, sku: str, headers: Mapping[str, str] | None = None) -> bytes:
    """One more of a sku."""
    return request("POST", f"/v1/carts/{cart_id}/lines", {"sku": sku, "quantity": 1}, headers)


def set_quantity(cart_id: str, line: str, quantity: int) -> bytes:
    return request("PATCH", f"/v1/carts/{cart_id}/lines/{line}", {"quantity": quantity}, MINIMAL)


def read(cart_id: str) -> bytes:
    return request("GET", f"/v1/carts/{cart_id}")
