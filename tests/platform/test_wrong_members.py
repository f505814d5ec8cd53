"""A handler of Litestar names what is wrong in a body or a query as a lean operation does."""

from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar, post
from litestar.params import FromQuery, JSONBody

from renga.platform.http.problems import EXCEPTION_HANDLERS


class Row(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    prices: dict[str, int] = {}


class Rows(msgspec.Struct, forbid_unknown_fields=True):
    variants: list[Row]


@post("/rows")
async def rows(data: JSONBody[Rows], limit: FromQuery[int] = 1) -> None:
    """Takes them."""


@pytest.mark.parametrize(
    ("body", "query", "field"),
    [
        ({"variants": [{"sku": "A"}, {"sku": "B", "prices": {"USD": 1, "BRL": "x"}}]}, "", "variants[1].prices.BRL"),
        ({"variants": [{"sku": "A", "colour": 1}]}, "", "variants[0].colour"),
        ({}, "", "variants"),
        ({"variants": []}, "?limit=many", "limit"),
    ],
)
async def test_the_member_is_named_by_its_path(body: Any, query: str, field: str) -> None:
    app = Litestar([rows], exception_handlers=EXCEPTION_HANDLERS, openapi_config=None, logging_config=None)
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # an ASGI app like any
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        answer = await client.post(f"/rows{query}", json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field), answer.text
    assert "$" not in answer.json()["detail"]
