"""The type of a problem resolves: a page for a person, JSON for a program, 404 for what is no kind of problem."""

import httpx
from litestar import Litestar

from renga.platform.http import problem_pages
from renga.platform.http.problems import EXCEPTION_HANDLERS


async def _get(path: str, accept: str) -> httpx.Response:
    app = Litestar(
        problem_pages.routes(), exception_handlers=EXCEPTION_HANDLERS, openapi_config=None, logging_config=None
    )
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar types its scopes more narrowly
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        return await client.get(path, headers={"accept": accept})


async def test_a_browser_sees_a_page_with_title_meaning_and_status() -> None:
    answer = await _get("/problems/rate_limited", "text/html,*/*;q=0.8")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<h1>Too many requests</h1>" in answer.text
    assert "A rate limit refused the request before it had any effect." in answer.text
    assert "<dd>429</dd>" in answer.text


async def test_a_program_gets_json() -> None:
    answer = await _get("/problems/not_found", "application/json")
    assert answer.json() == {"code": "not_found", "title": "Not found", "meaning": "Not found.", "status": 404}
    assert answer.headers["vary"] == "Accept"


async def test_what_is_no_kind_of_problem_is_not_found() -> None:
    answer = await _get("/problems/no_such_thing", "text/html")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_every_known_problem_has_a_page() -> None:
    assert len(problem_pages.known()) > 12
    for code, described in problem_pages.known().items():
        answer = await _get(f"/problems/{code}", "application/json")
        assert (answer.status_code, answer.json()["status"]) == (200, described.status), code
