"""The page of events in a real browser: on a phone and a desk, without sideways scrolling, and accessible."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from axe_playwright_python.async_playwright import Axe
from litestar import Litestar

from renga.platform.http import event_docs
from tests.platform.asyncapi_tools import document
from tests.support import eventually


@pytest_asyncio.fixture(loop_scope="session")
async def url() -> AsyncIterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    app = Litestar(event_docs.routes(document), openapi_config=None)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=2))
    task = asyncio.create_task(server.serve(sockets=[listening]))

    async def started() -> bool:
        return server.started

    await eventually(started)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    await task
    listening.close()


@pytest.mark.parametrize("size", [{"width": 390, "height": 844}, {"width": 1366, "height": 900}], ids=["phone", "desk"])
async def test_every_event_is_read_without_scrolling_sideways(page: Any, url: str, size: dict[str, int]) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await page.set_viewport_size(size)
    await page.goto(f"{url}/docs/events")
    for example in await page.locator("summary").all():
        await example.click()
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth") is True
    sideways = "[...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).length"
    assert await page.evaluate(sideways) == 0
    await page.locator("nav a", has_text="CartCompleted").click()
    assert await page.locator("article:target h3").inner_text() == "Cart completed"
    assert complaints == []


async def test_the_page_has_no_accessibility_fault(page: Any, url: str) -> None:
    await page.goto(f"{url}/docs/events")
    found = await Axe().run(page)
    assert [violation["id"] for violation in found.response["violations"]] == []
