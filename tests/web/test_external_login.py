"""Logins by an external provider over HTTP: what its word opens, and what it does not."""

from tests.web.member import COOKIE, Member
from tests.web.shopper import hidden, text_of

VOUCHED = "/login/with/keycloak?who=ana@example.com"


async def test_a_providers_word_lets_in_under_a_new_cookie_and_brings_the_cart() -> None:
    async with Member() as shop:
        await shop.http.post("/cart/lines", data={"sku": "CUP-BLUE"})
        guest = shop.http.cookies["renga_cart"]
        await shop.get("/login")
        before = shop.secret
        answer = await shop.get(f"{VOUCHED}&next_=/account/keys")
        assert (answer.status_code, answer.headers["location"]) == (303, "/account/keys")
        assert before not in shop.house.sessions.by_secret
        assert shop.house.sessions.by_secret[shop.secret].amr == ("fed",)
        assert shop.house.taken == [(guest, shop.ana.account.id)]


async def test_it_works_without_a_session_before_and_never_leads_off_the_shop() -> None:
    async with Member() as shop:
        answer = await shop.get(f"{VOUCHED}&next_=//evil.example")
        assert answer.headers["location"] == "/account"
        assert COOKIE in shop.http.cookies
        assert (await shop.get("/account")).status_code == 200


async def test_the_second_factor_is_asked_for_all_the_same() -> None:
    async with Member() as shop:
        shop.house.accounts.enrol(shop.ana)
        answer = await shop.get(VOUCHED)
        assert answer.headers["location"].startswith("/login/second-factor")
        assert (await shop.get("/account")).status_code == 303


async def test_staff_who_come_through_a_provider_set_up_a_second_factor_first() -> None:
    async with Member() as shop:
        shop.house.accounts.add("olga@example.com", "Olga", stakeholders=("admin",))
        answer = await shop.get("/login/with/keycloak?who=olga@example.com")
        assert answer.headers["location"].startswith("/login/enrol")
        assert (await shop.get("/account")).status_code == 303


async def test_a_cart_of_hers_is_found_on_a_new_device() -> None:
    async with Member() as shop:
        shop.house.cart_of[shop.ana.account.id] = "0192f0c4-7e1a-7abc-8def-00000000c0de"
        await shop.get(VOUCHED)
        assert shop.http.cookies["renga_cart"] == "0192f0c4-7e1a-7abc-8def-00000000c0de"


async def test_linking_is_asked_of_who_is_logged_in() -> None:
    async with Member() as shop:
        asked = await shop.get("/account/link?link=abc")
        assert asked.headers["location"] == "/login?next=%2Faccount%2Flink%3Flink%3Dabc"
        await shop.enter()
        page = await shop.get("/account/link?link=abc")
        assert hidden(page, "link") == ["abc"]
        assert "opens the account of ana@example.com" in text_of(page)


async def test_an_address_that_a_provider_did_not_verify_is_told() -> None:
    async with Member() as shop:
        page = await shop.get("/login?next=%2Faccount&notice=external_unverified")
    assert "That service does not confirm that the e-mail is yours." in text_of(page)
