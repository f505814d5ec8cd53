"""Whole answers kept before the application: found again, conditional, per language, never anybody's own, through an outage."""

from typing import Any

import httpx
import msgspec
from joserfc.jwk import ECKey, KeySet
from litestar import Litestar, Request, Response, get
from litestar.params import FromPath, FromQuery

from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from renga.platform.auth.access import PUBLIC
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.signing import sign
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.cache.factory import make_cache
from renga.platform.cache.settings import CacheSettings
from renga.platform.cache.two_level import AWAY_MS
from renga.platform.http.answers import AnswerCache, CachedAnswer, size_of
from renga.platform.http.edge import Edge
from renga.platform.http.gate import Gate
from renga.platform.http.problems import EXCEPTION_HANDLERS

PREFIX = "/v1/things"


class House:
    """An application whose answers say how often it was asked, behind its cache and its gate."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.asked: list[dict[str, str]] = []
        self.trouble: Exception | None = None
        self.headers: dict[str, str] = {
            "ETag": 'W/"1"',
            "Cache-Control": "public, max-age=5",
            "Surrogate-Key": "thing:1 things",
            "Vary": "Accept-Language",
        }
        self.key = ECKey.generate_key("P-256", {"kid": "test", "alg": "ES256", "use": "sig"})
        gate = Gate(Authenticator(TokenVerifier(KeySet([self.key]), issuer="renga", clock=self.clock)))
        self.cache = make_cache(
            "answers", CachedAnswer, CacheSettings(fresh_ms=1_000, stale_ms=9_000), self.clock, None, size_of=size_of
        )
        house = self

        @get(f"{PREFIX}/{{name:str}}", opt={"access": PUBLIC})
        async def thing(request: Request[Any, Any, Any], name: FromPath[str], x: FromQuery[int] = 0) -> Response[bytes]:
            house.asked.append(dict(request.headers))
            if house.trouble:
                raise house.trouble
            who = request.scope.get("renga_principal")
            body = msgspec.json.encode({"name": name, "time": len(house.asked), "who": who is not None})
            return Response(body, headers=house.headers, media_type="application/json")

        app = Litestar([gate.behind([thing])], exception_handlers=EXCEPTION_HANDLERS, openapi_config=None)
        self.app = Edge(AnswerCache(app, gate, self.cache, {f"{PREFIX}/": "things"}), https=False)

    async def get(self, path: str = "/a", **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)  # type: ignore[arg-type]  # an ASGI app like any
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.get(PREFIX + path, headers=named)


async def test_the_same_question_is_asked_once_and_answered_alike() -> None:
    house = House()
    first, again = await house.get("/a?x=1"), await house.get("/a?x=1")
    assert (first.json()["time"], again.json()["time"], len(house.asked)) == (1, 1, 1)
    assert again.headers["surrogate-key"] == "thing:1 things"
    assert again.headers["content-length"] == str(len(again.content))
    assert again.headers["x-content-type-options"] == "nosniff"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert (await house.get("/a?x=2")).json()["time"] == 2


async def test_another_language_is_another_answer() -> None:
    house = House()
    await house.get(accept_language="pt-BR")
    assert (await house.get(accept_language="en")).json()["time"] == 2
    assert (await house.get(accept_language="pt-BR")).json()["time"] == 1


async def test_who_has_the_answer_gets_304_also_the_first_time() -> None:
    house = House()
    for _ in range(2):
        answer = await house.get(if_none_match='"0", W/"1"')
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", 'W/"1"')
    assert (await house.get(if_none_match='W/"2"')).status_code == 200
    assert "if-none-match" not in house.asked[0]


async def test_news_end_it_and_so_does_time() -> None:
    house = House()
    await house.get()
    house.cache.drop(["things"])
    assert (await house.get()).json()["time"] == 2
    house.clock.advance(seconds=1)
    assert (await house.get()).json()["time"] == 2  # once more, while it is made anew
    await house.cache.close()
    assert (await house.get()).json()["time"] == 3


async def test_what_is_private_untagged_or_sets_a_cookie_is_not_kept() -> None:
    for name, value in (("Cache-Control", "private"), ("Surrogate-Key", None), ("ETag", None), ("Set-Cookie", "a=b")):
        house = House()
        house.headers = {k: v for k, v in house.headers.items() if k != name} | ({name: value} if value else {})
        assert [(await house.get()).json()["time"] for _ in range(2)] == [1, 2]


async def test_an_answer_that_is_kept_was_made_for_nobody() -> None:
    house = House()
    token = sign(house.key, subject="ana", scope="cart", issuer="renga", life_s=60, clock=house.clock, token_id="t")
    first = await house.get(authorization=f"Bearer {token}", cookie="secret=1")
    assert first.json()["who"] is False
    assert {"authorization", "cookie"}.isdisjoint(house.asked[0])


async def test_a_wrong_credential_is_refused_though_the_answer_is_at_hand() -> None:
    house = House()
    await house.get()
    refused = await house.get(authorization="Bearer nonsense")
    assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")


async def test_refusals_pass_through_and_are_not_kept() -> None:
    house = House()
    missing = await house.get("/a/b")
    assert (missing.status_code, missing.json()["code"]) == (404, "route_not_found")


async def test_through_an_outage_the_old_answer_serves_and_what_nobody_saw_is_503() -> None:
    house = House()
    await house.get()
    house.cache.drop(["things"])
    house.trouble = Unavailable("the database is away", retry_after_s=3)
    assert (await house.get()).json()["time"] == 1
    unseen = await house.get("/unseen")
    assert (unseen.status_code, unseen.headers["retry-after"], unseen.json()["code"]) == (503, "3", "unavailable")
    house.trouble = None
    house.clock.advance(ms=AWAY_MS)
    assert (await house.get()).json()["time"] > 1


async def test_a_name_in_other_letters_is_the_same_name() -> None:
    """Of a parameter that is there twice the reader takes one: which one, the order says, and it must say so in the key too."""
    pairs = [("/a?%78=2&x=1", "/a?x=1&%78=2"), ("/a?x=1&%78=2", "/a?%78=2&x=1"), ("/a?x=1&x=2", "/a?x=2&x=1")]
    for one, other in pairs:
        house = House()
        assert [(await house.get(path)).json()["time"] for path in (one, other, one)] == [1, 2, 1]
