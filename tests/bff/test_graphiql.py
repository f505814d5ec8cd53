"""GraphiQL in a real browser, under the shop's policy: it loads, knows the schema and asks."""

import asyncio
import contextlib
import socket
from typing import Any

import pytest
import uvicorn

from tests.bff.shop import GraphShop
from tests.support import eventually


async def test_graphiql_loads_from_our_own_files_and_asks(page: Any) -> None:
    shop = GraphShop()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(shop.app, loop="none", lifespan="off", access_log=False, log_config=None)
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment] # the signals are pytest's
        serving = asyncio.create_task(server.serve(sockets=[listener]))

        async def started() -> bool:
            return server.started

        await eventually(started)
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        complaints: list[str] = []
        asked: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{origin}/graphql")
        await page.click(".graphiql-execute-button")
        await page.wait_for_selector(".result-window .cm-property")
        assert "cafe-serra-lenta" in await page.inner_text(".result-window")
        assert complaints == []
        assert all(url.startswith((origin, "data:", "blob:")) for url in asked)
        server.should_exit = True
        await serving


@pytest.mark.parametrize("name", ["", "README.md", "LICENSE.react", "%2e%2e/settings.py"])
async def test_nothing_else_is_served(name: str) -> None:
    async with GraphShop().client() as client:
        answer = await client.get(f"/graphql/{name}", headers={"accept": "application/json"})
    assert answer.status_code in (400, 404)
    assert answer.json()["errors"][0]["extensions"]["code"] in ("route_not_found", "graphql_query_missing")
