"""``/asyncapi.json`` and ``/docs/events``: the document with its ETag, and a page of plain HTML that tells all of it."""

import re

import httpx
import pytest
from litestar import Litestar

from renga.platform.asyncapi.page import kind_of, render
from renga.platform.http import docs, event_docs
from renga.platform.http.problems import EXCEPTION_HANDLERS
from tests.platform.asyncapi_tools import document


async def _get(path: str, **headers: str) -> httpx.Response:
    handlers = [*docs.routes(lambda: {"openapi": "3.1.0"}), *event_docs.routes(document)]
    app = Litestar(handlers, exception_handlers=EXCEPTION_HANDLERS, openapi_config=None, logging_config=None)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar types its scopes more narrowly
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        return await client.get(path, headers=headers)


async def test_programs_get_the_document() -> None:
    answer = await _get("/asyncapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == document()


@pytest.mark.parametrize("path", ["/asyncapi.json", "/docs/events", "/openapi.json"])
async def test_who_has_the_answer_already_gets_304_without_it(path: str) -> None:
    first = await _get(path)
    assert first.headers["etag"].startswith('W/"')
    again = await _get(path, **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = await _get(path, **{"if-none-match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


async def test_the_page_tells_every_event_with_its_members_its_sender_and_an_example() -> None:
    answer = await _get("/docs/events")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for name, message in document()["components"]["messages"].items():
        (article,) = re.findall(rf'<article id="{re.escape(name)}">.*?</article>', answer.text, re.DOTALL)
        assert f"<h3>{message['title']}</h3>" in article
        assert f"<code>renga/{name.partition('.')[0]}</code>" in article
        assert f"&quot;type&quot;: &quot;{name}&quot;" in article
        members = document()["components"]["schemas"][name.partition(".")[2]]["properties"]
        assert re.findall(r"<dt><code>(\w+)</code>", article) == list(members)
        assert f'href="#{name}"' in answer.text
    assert "<dd>The ordered quantities" not in answer.text
    assert "<p>The ordered quantities were subtracted; <code>remaining</code> lines are left" in answer.text
    for place in ("<code>renga.events</code>", "<code>bus:{cart}</code>", "<code>cart.{event}</code>"):
        assert place in answer.text


async def test_the_page_runs_no_script_and_loads_nothing_from_elsewhere() -> None:
    answer = await _get("/docs/events")
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert set(re.findall(r'(?:href|src)="([^"#]+)"', answer.text)) == {
        "data:,", "/docs/events.css", "/asyncapi.json", "/docs",
    }  # fmt: skip
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    style = await _get("/docs/events.css")
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "http" not in style.text


async def test_the_page_of_requests_leads_to_that_of_events() -> None:
    assert '<a href="/docs/events">' in (await _get("/docs")).text


def test_texts_are_shown_and_not_run() -> None:
    made = document() | {"info": {"title": "<b>", "version": "1", "description": "`<i>` & co"}}
    page = render(made, style="/x.css")
    assert "<h1>&lt;b&gt;: events</h1>" in page
    assert "<code>&lt;i&gt;</code> &amp; co" in page


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "text"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "whole number or null"),
        ({"type": "array", "items": {"type": "string"}}, "list of text"),
        ({"enum": ["a", 1]}, '"a" or 1'),
        ({"$ref": "#/components/schemas/S"}, "true or false"),
        ({"type": "object"}, "object"),
        ({}, "anything"),
    ],
)
def test_types_are_told_in_words(schema: dict[str, object], words: str) -> None:
    assert kind_of(schema, {"S": {"type": "boolean"}}) == words
