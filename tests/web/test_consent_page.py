"""The consent screen over HTTP: who asks for what, in words, and an answer that only the asked one gives, once."""

from renga.domains.identity.contract import PendingConsent
from tests.web.member import Member
from tests.web.shopper import text_of

PAGE = "/oauth/consent?request=req-1"


def asked(shop: Member, email: str = "ana@example.com") -> None:
    shop.house.consents.open["req-1"] = PendingConsent(
        client_name="Recipe <Book>",
        redirect_host="recipes.example",
        scopes=("cart", "openid", "made:up"),
        account_email=email,
    )


async def test_it_says_who_wants_what_for_whom_in_both_languages() -> None:
    for language, words in (
        (
            "en",
            [
                "asks for access",
                "The answer goes to recipes.example.",
                "know who you are see and change your carts made:up",
            ],
        ),
        (
            "pt-BR",
            ["pede acesso", "A resposta vai para recipes.example.", "saber quem você é ver e mudar os seus carrinhos"],
        ),
    ):
        async with Member(language=language) as shop:
            await shop.enter()
            asked(shop)
            page = await shop.get(PAGE)
        assert page.status_code == 200
        assert [one for one in words if one not in text_of(page)] == []
        assert "Recipe &lt;Book&gt;" in page.text
        assert "ana@example.com" in page.text


async def test_who_is_not_logged_in_logs_in_first_and_comes_back() -> None:
    async with Member() as shop:
        asked(shop)
        answer = await shop.get(PAGE)
        assert answer.headers["location"] == "/login?next=%2Foauth%2Fconsent%3Frequest%3Dreq-1"
        onward = await shop.log_in(next_=PAGE)
        assert f"url={PAGE}" in onward.text


async def test_allowing_and_denying_go_on_to_the_client_once() -> None:
    for decision, allowed in (("allow", True), ("deny", False)):
        async with Member() as shop:
            await shop.enter()
            asked(shop)
            answer = await shop.send(PAGE, "/oauth/consent", request="req-1", decision=decision)
            assert answer.status_code == 200
            assert '<meta http-equiv="refresh" content="0;url=https://app.example/cb?code=abc">' in answer.text
            assert shop.house.consents.decided == [("req-1", allowed)]
            again = await shop.send("/account", "/oauth/consent", request="req-1", decision="allow")
            assert again.status_code == 404
            assert shop.house.consents.decided == [("req-1", allowed)]


async def test_nothing_is_decided_without_the_token_or_without_a_decision() -> None:
    async with Member() as shop:
        await shop.enter()
        asked(shop)
        forged = await shop.http.post("/oauth/consent", data={"request": "req-1", "decision": "allow"})
        unclear = await shop.send(PAGE, "/oauth/consent", request="req-1", decision="maybe")
        assert (forged.status_code, unclear.status_code) == (403, 400)
        assert shop.house.consents.decided == []
        assert list(shop.house.consents.open) == ["req-1"]


async def test_a_request_that_asks_somebody_else_is_not_there() -> None:
    async with Member() as shop:
        await shop.enter()
        asked(shop, "bia@example.com")
        seen = await shop.get(PAGE)
        decided = await shop.send("/account", "/oauth/consent", request="req-1", decision="allow")
        assert (seen.status_code, decided.status_code) == (404, 404)
        assert shop.house.consents.decided == []


async def test_an_address_that_a_browser_would_run_is_never_gone_on_to() -> None:
    async with Member() as shop:
        await shop.enter()
        for address in ("javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x"):
            asked(shop)
            shop.house.consents.goes_to = address
            answer = await shop.send(PAGE, "/oauth/consent", request="req-1", decision="allow")
            assert answer.status_code == 400
            assert "alert(1)" not in answer.text


async def test_leaving_for_another_account_keeps_the_request() -> None:
    async with Member() as shop:
        await shop.enter()
        asked(shop)
        answer = await shop.send(PAGE, "/logout", next=PAGE)
        assert answer.headers["location"] == "/login?next=%2Foauth%2Fconsent%3Frequest%3Dreq-1"
        assert list(shop.house.consents.open) == ["req-1"]
