"""The gate over HTTP: logging in and out, the second factor, registration, recovery, and what an attacker would try."""

import re

import msgspec
import pytest

from renga.domains.cart.contract import CartNotFound
from renga.kernel.errors import Unavailable
from tests.web.identity_fakes import PASSWORD
from tests.web.member import COOKIE, Member, bare, refusals
from tests.web.shopper import hidden, text_of

REFUSED = "The e-mail or the password does not match. Check both; after several attempts you have to wait a little."


async def test_logging_in_leads_to_the_account_and_greets_by_name() -> None:
    async with Member() as shop:
        answer = await shop.log_in()
        home = await shop.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert 'href="/account"' in home.text
    assert "Your account: Ana" in text_of(home)


async def test_login_changes_the_cookie_and_the_old_one_is_dead() -> None:
    async with Member() as shop:
        await shop.get("/login")
        before = shop.secret
        await shop.log_in()
        after = shop.secret
        async with shop.browser() as other:
            other.cookies.set(COOKIE, before, domain="shop.test")
            with_old = await other.get("/account")
            other.cookies.set(COOKIE, after, domain="shop.test")
            with_new = await other.get("/account")
        old_lives = before in shop.house.sessions.by_secret
    assert before != after
    assert old_lives is False
    assert (with_old.status_code, with_old.headers["location"]) == (303, "/login?next=%2Faccount")
    assert with_new.status_code == 200


async def test_a_cookie_that_somebody_planted_does_not_become_hers() -> None:
    async with Member() as shop:
        shop.http.cookies.set(COOKIE, "planted", domain="shop.test")
        await shop.log_in()
        assert shop.secret != "planted"
        assert "planted" not in shop.house.sessions.by_secret


@pytest.mark.parametrize("field", ["", "somebody-elses"])
@pytest.mark.parametrize(
    ("page", "action", "fields"),
    [
        ("/login", "/login", {"email": "ana@example.com", "password": PASSWORD}),
        ("/register", "/register", {"email": "new@example.com", "password": PASSWORD, "name": "New"}),
        ("/recover", "/recover", {"email": "ana@example.com"}),
        ("/login", "/login/passkey/options", {}),
        ("/login", "/logout", {}),
    ],
)
async def test_a_form_without_its_sessions_token_is_refused(
    page: str, action: str, fields: dict[str, str], field: str
) -> None:
    async with Member() as shop:
        await shop.get(page)
        answer = await shop.http.post(action, data={"csrf": field, **fields})
        assert answer.status_code == 403
        assert "This page has grown old" in text_of(answer)
        assert PASSWORD not in answer.text
        assert shop.house.accounts.calls == []
        assert shop.house.accounts.mails == []
        assert [one.account_id for one in shop.house.sessions.by_secret.values()] == [None]


async def test_a_form_of_another_session_is_refused() -> None:
    async with Member() as shop:
        async with shop.browser() as attacker:
            token = hidden(await attacker.get("/login"), "csrf")[0]
        await shop.get("/login")
        fields = {"csrf": token, "email": "ana@example.com", "password": PASSWORD}
        answer = await shop.http.post("/login", data=fields)
        assert answer.status_code == 403
        assert shop.house.accounts.calls == []


async def test_a_login_sent_from_another_site_is_refused() -> None:
    async with Member() as shop:
        token = hidden(await shop.get("/login"), "csrf")[0]
        fields = {"csrf": token, "email": "ana@example.com", "password": PASSWORD}
        answer = await shop.http.post("/login", data=fields, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
        assert shop.house.accounts.calls == []


async def test_the_forms_of_the_shop_carry_the_token_of_who_is_logged_in() -> None:
    async with Member() as shop:
        await shop.enter()
        bare = await shop.http.post("/cart/lines", data={"sku": "CUP-BLUE"})
        made = await shop.send("/p/cup", "/cart/lines", sku="CUP-BLUE")
        writes = list(shop.carts.writes)
    assert bare.status_code == 403
    assert made.status_code == 303
    assert len(writes) == 2  # one cart, one line: the bare post wrote nothing


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "http:evil.example",
        "/caf\u00e9",
        "/\u2028/evil.example",
        "/" + "a" * 3000,
        "/login",
        "/login?next=//evil.example",
        "/logout",
        "",
    ],
)
async def test_login_never_leads_off_the_shop(next_: str) -> None:
    async with Member() as shop:
        answer = await shop.log_in(next_=next_)
        again = await shop.http.get("/login", params={"next": next_})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert (again.status_code, again.headers["location"]) == (303, "/account")


async def test_login_goes_on_to_the_page_that_asked_for_it() -> None:
    async with Member() as shop:
        asked = await shop.get("/account/keys")
        page = await shop.get(asked.headers["location"])
        assert hidden(page, "next") == ["/account/keys", "/account/keys"]
        answer = await shop.log_in(next_=hidden(page, "next")[0])
    assert answer.headers["location"] == "/account/keys"


async def test_on_the_way_to_a_client_a_page_goes_on_because_forms_are_bound_to_the_shop() -> None:
    async with Member() as shop:
        answer = await shop.log_in(next_="/oauth/authorize?resume=abc&x=1")
    assert answer.status_code == 200
    assert '<meta http-equiv="refresh" content="0;url=/oauth/authorize?resume=abc&amp;x=1">' in answer.text
    assert COOKIE in answer.headers["set-cookie"]


async def test_who_is_logged_in_and_sent_by_a_client_proves_again_who_she_is() -> None:
    async with Member() as shop:
        await shop.enter()
        answer = await shop.get("/login?next=%2Foauth%2Fauthorize%3Fresume%3Dabc")
    assert answer.headers["location"] == "/account/confirm?next=%2Foauth%2Fauthorize%3Fresume%3Dabc"


async def test_every_wrong_credential_gets_the_same_answer() -> None:
    async with Member() as shop:
        unknown = await shop.log_in("nobody@example.com")
        wrong = await shop.log_in("ana@example.com", "wrong")
    assert unknown.status_code == wrong.status_code == 422
    assert refusals(unknown) == refusals(wrong) == [REFUSED]
    assert bare(unknown.text).replace("nobody@", "ana@") == bare(wrong.text)


async def test_the_guests_cart_comes_along_at_login() -> None:
    async with Member() as shop:
        await shop.http.post("/cart/lines", data={"sku": "CUP-BLUE"})
        guest = shop.http.cookies["renga_cart"]
        shop.house.cart_of[shop.ana.account.id] = "0192f0c4-7e1a-7abc-8def-00000000c0de"
        await shop.log_in()
        assert shop.house.taken == [(guest, shop.ana.account.id)]
        assert shop.http.cookies["renga_cart"] == "0192f0c4-7e1a-7abc-8def-00000000c0de"


async def test_a_cart_that_cannot_come_along_keeps_nobody_out() -> None:
    async with Member() as shop:
        await shop.http.post("/cart/lines", data={"sku": "CUP-BLUE"})
        guest = shop.http.cookies["renga_cart"]
        shop.house.cart_trouble = CartNotFound()
        answer = await shop.log_in()
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        assert shop.http.cookies["renga_cart"] == guest


async def test_logging_out_ends_the_session_and_takes_the_cart_off_the_browser() -> None:
    async with Member() as shop:
        await shop.enter()
        await shop.send("/p/cup", "/cart/lines", sku="CUP-BLUE")
        secret = shop.secret
        answer = await shop.send("/account", "/logout")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert secret not in shop.house.sessions.by_secret
        assert COOKIE not in shop.http.cookies
        assert "renga_cart" not in shop.http.cookies
        assert (await shop.get("/account")).status_code == 303


async def test_a_second_factor_stands_between_password_and_account() -> None:
    async with Member() as shop:
        secret = shop.house.accounts.enrol(shop.ana)
        first = await shop.log_in(next_="/account/keys")
        between = shop.secret
        assert first.headers["location"] == "/login/second-factor?next=%2Faccount%2Fkeys"
        assert (await shop.get("/account")).status_code == 303
        wrong = await shop.send(first.headers["location"], "/login/second-factor", code="000000", next="/account/keys")
        assert wrong.status_code == 422
        assert refusals(wrong) == ["This code is wrong or was used before. Wait for the next one and try again."]
        assert (await shop.get("/account")).status_code == 303
        code = shop.house.accounts.code(secret)
        right = await shop.send("/login/second-factor", "/login/second-factor", code=code, next="/account/keys")
        assert (right.status_code, right.headers["location"]) == (303, "/account/keys")
        assert between not in shop.house.sessions.by_secret
        assert shop.house.sessions.by_secret[shop.secret].amr == ("pwd", "otp", "mfa")


async def test_a_recovery_code_opens_once() -> None:
    async with Member() as shop:
        shop.house.accounts.enrol(shop.ana)
        await shop.log_in()
        first = await shop.send("/login/second-factor", "/login/second-factor", code="RECOVER-1")
        await shop.send("/account", "/logout")
        await shop.log_in()
        second = await shop.send("/login/second-factor", "/login/second-factor", code="RECOVER-1")
    assert (first.status_code, second.status_code) == (303, 422)


async def test_a_first_factor_is_forgotten_after_ten_minutes() -> None:
    async with Member() as shop:
        secret = shop.house.accounts.enrol(shop.ana)
        await shop.log_in()
        page = await shop.get("/login/second-factor")
        shop.clock.advance(seconds=601)
        fields = {"csrf": hidden(page, "csrf")[0], "code": shop.house.accounts.code(secret)}
        answer = await shop.http.post("/login/second-factor", data=fields)
        assert answer.headers["location"] == "/login?next=%2Faccount"
        assert (await shop.get("/account")).status_code == 303


async def test_staff_cannot_go_on_before_they_have_a_second_factor() -> None:
    async with Member() as shop:
        olga = shop.house.accounts.add("olga@example.com", "Olga", stakeholders=("customer", "finance"))
        led = await shop.log_in("olga@example.com", next_="/account/keys")
        assert led.headers["location"] == "/login/enrol?next=%2Faccount%2Fkeys"
        assert (await shop.get("/account")).headers["location"].startswith("/login")
        assert "Your account" not in text_of(await shop.get("/"))
        page = await shop.send("/login/enrol", "/login/enrol/start", next="/account/keys")
        uri, token = hidden(page, "uri")[0], hidden(page, "csrf")[0]
        wrong = await shop.http.post("/login/enrol/confirm", data={"csrf": token, "uri": uri, "code": "000000"})
        assert wrong.status_code == 422
        assert hidden(wrong, "uri") == [uri], "a mistyped code does not cost a new scan"
        assert olga.account.second_factor is False
        assert olga.pending
        code = shop.house.accounts.code(olga.pending)
        fields = {"csrf": token, "uri": uri, "code": code, "next": "/account/keys"}
        shown = await shop.http.post("/login/enrol/confirm", data=fields)
        assert shown.status_code == 200
        assert [one for one in olga.recovery if one not in shown.text] == []
        assert 'href="/account/keys"' in shown.text
        assert (await shop.get("/account")).status_code == 200


async def test_the_page_of_recovery_codes_has_forms_of_the_new_session() -> None:
    async with Member() as shop:
        olga = shop.house.accounts.add("olga@example.com", "Olga", stakeholders=("admin",))
        await shop.log_in("olga@example.com")
        await shop.send("/login/enrol", "/login/enrol/start")
        assert olga.pending
        shown = await shop.send("/login/enrol", "/login/enrol/confirm", code=shop.house.accounts.code(olga.pending))
        assert set(hidden(shown, "csrf")) == {shop.house.sessions.by_secret[shop.secret].csrf}


@pytest.mark.parametrize("factor", ["totp", "passkey"])
async def test_who_has_a_second_factor_cannot_set_up_another_with_the_password_alone(factor: str) -> None:
    async with Member() as shop:
        olga = shop.house.accounts.add("olga@example.com", "Olga", stakeholders=("admin",))
        if factor == "totp":
            shop.house.accounts.enrol(olga)
        else:
            shop.house.accounts.keep_passkey(olga, "pk-1", "phone")
        led = await shop.log_in("olga@example.com")
        page = await shop.get("/login/enrol")
        started = await shop.send("/login/second-factor", "/login/enrol/start")
        assert led.headers["location"].startswith("/login/second-factor")
        assert page.headers["location"].startswith("/login/second-factor")
        assert started.status_code == 303
        assert olga.pending is None


async def test_a_passkey_is_both_factors_and_anything_else_is_refused() -> None:
    async with Member() as shop:
        olga = shop.house.accounts.add("olga@example.com", "Olga", stakeholders=("admin",))
        shop.house.accounts.keep_passkey(olga, "pk-1", "phone")
        options = await shop.send("/login", "/login/passkey/options")
        assert options.json()["challenge"] == "challenge-1"
        for credential in ("", "nonsense", "[]", '{"id": "pk-2"}', "[" * 3000):
            refused = await shop.send("/login", "/login/passkey", challenge="challenge-1", credential=credential)
            assert (refused.status_code, refusals(refused)[0]) == (422, "This passkey was not accepted.")
        unasked = await shop.send("/login", "/login/passkey", challenge="", credential='{"id": "pk-1"}')
        assert unasked.status_code == 422
        right = await shop.send("/login", "/login/passkey", challenge="challenge-1", credential='{"id": "pk-1"}')
        assert (right.status_code, right.headers["location"]) == (303, "/account")
        assert shop.house.sessions.by_secret[shop.secret].amr == ("hwk", "mfa")


async def test_external_providers_are_buttons_that_carry_on_where_she_was_going() -> None:
    async with Member() as shop:
        page = await shop.get("/login?next=%2Faccount%2Fkeys")
    assert 'href="/login/with/keycloak?next=/account/keys"' in page.text
    assert "Continue with Keycloak" in text_of(page)


async def test_while_sessions_are_away_the_shop_stays_open_and_no_cart_is_lost() -> None:
    async with Member() as shop:
        await shop.enter()
        await shop.send("/p/cup", "/cart/lines", sku="CUP-BLUE")
        shop.house.sessions.trouble = Unavailable()
        home, cart, login = await shop.get("/"), await shop.get("/cart"), await shop.get("/login")
        account = await shop.get("/account")
        assert (home.status_code, cart.status_code, login.status_code, account.status_code) == (200, 503, 503, 503)
        assert "The gatekeeper rests a moment" in text_of(account)
        assert "renga_cart" in shop.http.cookies
        assert COOKIE in shop.http.cookies


async def test_an_outage_of_accounts_does_not_repeat_the_password_on_its_page() -> None:
    async with Member() as shop:
        await shop.get("/login")
        shop.house.accounts.trouble = Unavailable()
        page = await shop.log_in()
    assert page.status_code == 503
    assert PASSWORD not in page.text
    assert 'href="/login"' in page.text


async def test_over_https_the_cookie_is_bound_to_the_host() -> None:
    async with Member(public_url="https://shop.test") as shop:
        page = await shop.get("/login")
        attributes = page.headers["set-cookie"].lower()
    assert attributes.startswith("__host-renga=")
    assert [one for one in ("secure", "httponly", "path=/", "samesite=lax") if one not in attributes] == []
    assert "domain" not in attributes


async def test_an_account_that_is_gone_is_nobodys_session() -> None:
    async with Member() as shop:
        await shop.enter()
        del shop.house.accounts.people[shop.ana.account.id]
        shop.clock.advance(seconds=61)
        answer = await shop.get("/account")
    assert answer.headers["location"] == "/login?next=%2Faccount"


async def test_pages_of_the_gate_are_private_and_hold_under_a_strict_policy() -> None:
    async with Member() as shop:
        page = await shop.get("/login")
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["content-security-policy"].startswith("default-src 'self'; ")
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", page.text) == []
    assert '<meta name="robots" content="noindex">' in page.text


async def test_a_session_without_an_account_says_nothing_about_others() -> None:
    async with Member() as shop:
        await shop.get("/login")
        session = shop.house.sessions.by_secret[shop.secret]
    assert msgspec.structs.replace(session, id="", csrf="", created_ms=0, seen_ms=0, address="", agent="") == type(
        session
    )(id="", csrf="")
