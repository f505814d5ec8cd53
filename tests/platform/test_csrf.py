"""Posts of a logged-in browser: from our own pages, with the session's token, or not at all."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from renga.platform.sessions import cookies, set_cookie
from renga.platform.sessions.csrf import is_own, token_in_form
from tests.platform.gated import HOST, GatedApp

OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def app() -> GatedApp:
    return GatedApp()


@pytest.fixture
async def client(app: GatedApp) -> AsyncIterator[httpx.AsyncClient]:
    async with app.client() as client:
        yield client


async def test_a_form_with_the_sessions_token_is_taken_and_reaches_its_handler_whole(
    app: GatedApp, client: httpx.AsyncClient
) -> None:
    secret, session = await app.session()
    client.cookies.set("renga_session", secret)
    answer = await client.post("/account", data={"name": "Ana", "csrf": session.csrf}, headers=OWN)
    assert (answer.status_code, answer.text) == (200, f"name=Ana&csrf={session.csrf}")
    assert app.effects == ["account"]


async def test_the_token_may_come_in_the_header(app: GatedApp, client: httpx.AsyncClient) -> None:
    secret, session = await app.session()
    client.cookies.set("renga_session", secret)
    for path in ("/account", "/lean/thing"):
        answer = await client.post(path, headers=OWN | {"X-CSRF-Token": session.csrf})
        assert answer.status_code == 200
    assert app.effects == ["account", "lean"]


@pytest.mark.parametrize("path", ["/account", "/lean/thing"])
@pytest.mark.parametrize("token", [None, "", "x", "é" * 43, "another sessions"])
async def test_without_the_token_nothing_happens(
    app: GatedApp, client: httpx.AsyncClient, path: str, token: str | None
) -> None:
    secret, _ = await app.session()
    _, other = await app.session("bob")
    client.cookies.set("renga_session", secret)
    value = other.csrf if token == "another sessions" else token
    headers: Any = OWN if value is None else OWN | {"X-CSRF-Token": value.encode()}  # bytes are a header too
    answer = await client.post(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_token_wrong")
    assert app.effects == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "nonsense"},
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": f"http://{HOST}.evil.test"},
        {"Origin": f"http://evil.test/{HOST}"},
        {"Sec-Fetch-Site": "cross-site", "Origin": f"http://{HOST}"},
    ],
)
@pytest.mark.parametrize("path", ["/account", "/lean/thing"])
async def test_from_another_site_even_the_right_token_does_not_help(
    app: GatedApp, client: httpx.AsyncClient, headers: dict[str, str], path: str
) -> None:
    secret, session = await app.session()
    client.cookies.set("renga_session", secret)
    answer = await client.post(path, headers=headers | {"X-CSRF-Token": session.csrf})
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site_request")
    assert app.effects == []


async def test_a_token_planted_before_the_login_is_worth_nothing_after_it(
    app: GatedApp, client: httpx.AsyncClient
) -> None:
    planted, before = await app.session(None)
    after = await app.sessions.rotate(planted, type(before)(id=before.id, csrf=before.csrf, account_id="alice"))
    client.cookies.set("renga_session", planted)
    assert (await client.post("/account", headers=OWN | {"X-CSRF-Token": before.csrf})).status_code == 401
    client.cookies.set("renga_session", after)
    answer = await client.post("/account", headers=OWN | {"X-CSRF-Token": before.csrf})
    assert answer.status_code in (401, 403)
    assert app.effects == []


async def test_reads_and_other_credentials_need_no_token(app: GatedApp, client: httpx.AsyncClient) -> None:
    headers = {"Authorization": f"Bearer {app.token()}", "Sec-Fetch-Site": "cross-site"}
    assert (await client.post("/lean/thing", headers=headers)).status_code == 200
    secret, _ = await app.session()
    client.cookies.set("renga_session", secret)
    assert (await client.get("/lean/thing", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 200


@pytest.mark.parametrize(
    ("body", "token"),
    [(b"csrf=a", "a"), (b"a=1&csrf=x&b=2", "x"), (b"csrf=a&csrf=b", None), (b"", None), (b"\xff", None)],
)
def test_a_form_has_one_token_or_none(body: bytes, token: str | None) -> None:
    assert token_in_form(body) == token


def test_who_sends_neither_header_is_no_browser_that_could_be_misled() -> None:
    assert is_own(None, None, HOST, HOST)
    assert is_own(None, f"https://{HOST}", "internal:8000", HOST)
    assert not is_own(None, "https://evil.test", "", "")


def test_the_cookie_is_the_hosts_own_over_https_and_plain_over_http() -> None:
    secure, plain = set_cookie.keep("s", secure=True), set_cookie.keep("s", secure=False)
    assert (secure.key, secure.secure, secure.httponly, secure.samesite, secure.path, secure.domain) == (
        "__Host-renga", True, True, "lax", "/", None,
    )  # fmt: skip
    assert (plain.key, plain.secure, plain.httponly) == ("renga_session", False, True)
    assert (set_cookie.drop(secure=True).max_age, set_cookie.drop(secure=True).value) == (0, "")


@pytest.mark.parametrize(
    ("header", "secret"),
    [
        ("renga_session=a", "a"),
        ("x=1; renga_session=a ; y=2", "a"),
        ("xrenga_session=a", None),
        ("renga_session=a; renga_session=b", None),
        ("renga_session=", None),
        ("renga_session=a;" + "x" * 9_000, None),
    ],
)
def test_a_cookie_header_has_one_session_or_none(header: str, secret: str | None) -> None:
    assert cookies.secret_of(header, secure=False) == secret
