"""Who calls, on the shop as users run it: a browser, ``renga up``, its databases and its demo accounts; nothing stands in."""

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pyotp
import pytest
import pytest_asyncio

from renga.domains.identity.accounts.seed_accounts import DEMO, DemoAccount, demo_accounts
from tests.flows.shop import Shop

PHONE = {"width": 390, "height": 844}
#: Where ``demo-spa`` is registered to live. The shop never calls it: only the browser is sent there.
CALLBACK = "http://127.0.0.1:5173/callback"
CUP, COFFEE = "caneca-aurora", "cafe-serra-lenta"
ANA, MARTA = (next(one for one in DEMO if one.kind == kind) for kind in ("customer", "merchant"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    running = Shop(tmp_path_factory.mktemp("whole-stack"))
    try:
        running.start()
        yield running
        assert running.stop() == (0, [])
    finally:
        running.kill()


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(page: Any, shop: Shop) -> AsyncIterator[Any]:
    """A browser that reads English; whatever goes wrong in it fails the test that used it."""
    complaints: list[str] = []
    # of the context, so that pages a test opens beside the first are heard too
    page.context.on("weberror", lambda told: complaints.append(str(told.error)))
    page.context.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
    await page.context.add_cookies([{"name": "renga_language", "value": "en", "url": shop.url}])
    yield page
    assert complaints == []


async def choose(page: Any, shop: Shop, slug: str) -> None:
    await page.goto(f"{shop.url}/p/{slug}")
    await page.locator("#add").click()
    await page.locator(".flash").wait_for()


async def give_password(page: Any, who: DemoAccount, password: str | None = None) -> None:
    await page.locator("#email").fill(who.email)
    await page.locator("#password").fill(password or who.password)
    await page.locator("form[action='/login'] .button").click()


def is_callback(request: Any) -> bool:
    """The application's address with an answer; nobody needs to listen there, the browser shows what it was told."""
    return str(request.url).startswith(f"{CALLBACK}?")


async def is_let_in(page: Any, shop: Shop) -> bool:
    """Whether this browser sees an account."""
    answer = await page.context.request.get(f"{shop.url}/account", max_redirects=0)
    assert answer.status in (200, 303)
    return bool(answer.status == 200)


async def titles(page: Any, shop: Shop) -> set[str]:
    """What lies in the cart that this browser shows."""
    await page.goto(f"{shop.url}/cart")
    lines = page.locator("a[href^='/p/']")
    return {str(await lines.nth(n).get_attribute("href")).partition("?")[0] for n in range(await lines.count())}


async def test_what_a_guest_chose_is_hers_after_login_beside_what_was_hers_before(
    visitor: Any, browser: Any, shop: Shop
) -> None:
    elsewhere = await browser.new_context()
    before = await elsewhere.new_page()
    await before.goto(f"{shop.url}/login")
    await give_password(before, ANA)
    await before.wait_for_url("**/account")
    await choose(before, shop, COFFEE)
    await choose(visitor, shop, CUP)
    assert await titles(visitor, shop) == {f"/p/{CUP}"}
    await visitor.goto(f"{shop.url}/login")
    await give_password(visitor, ANA)
    await visitor.get_by_role("heading", name="Hello, Ana").wait_for()
    await visitor.locator(".account-facts dd", has_text=ANA.email).wait_for()
    assert await titles(visitor, shop) == {f"/p/{CUP}", f"/p/{COFFEE}"}
    assert await titles(before, shop) == {f"/p/{CUP}", f"/p/{COFFEE}"}, "one cart, wherever she is logged in"
    await elsewhere.close()
    await visitor.goto(f"{shop.url}/account")
    await visitor.get_by_role("button", name="Log out").first.click()
    await visitor.wait_for_url("**/login**")
    assert await titles(visitor, shop) == set()
    assert not await is_let_in(visitor, shop)


async def test_a_merchant_shows_a_second_factor_and_a_code_serves_once(visitor: Any, browser: Any, shop: Shop) -> None:
    secret = (shop.data / "secret").read_bytes()
    totp_secret = next(one.totp_secret for one in demo_accounts(secret) if one.kind == "merchant")
    assert totp_secret is not None
    await visitor.goto(f"{shop.url}/login")
    await give_password(visitor, MARTA)
    await visitor.wait_for_url("**/login/second-factor**")
    assert not await is_let_in(visitor, shop), "between the factors nobody is logged in"
    await visitor.locator("#code").fill("000000")
    await visitor.locator("form[action='/login/second-factor'] .button").click()
    await visitor.get_by_text("This code is wrong or was used before.").wait_for()
    code = pyotp.TOTP(totp_secret).now()
    await visitor.locator("#code").fill(code)
    await visitor.locator("form[action='/login/second-factor'] .button").click()
    await visitor.get_by_role("heading", name="Hello, Marta").wait_for()
    elsewhere = await browser.new_context(locale="en")
    again = await elsewhere.new_page()
    await again.goto(f"{shop.url}/login")
    await give_password(again, MARTA)
    await again.locator("#code").fill(code)
    await again.locator("form[action='/login/second-factor'] .button").click()
    await again.get_by_text("This code is wrong or was used before.").wait_for()
    await elsewhere.close()


async def test_on_a_phone_a_wrong_password_says_so_logs_nobody_in_and_keeps_the_cart(visitor: Any, shop: Shop) -> None:
    await visitor.set_viewport_size(PHONE)
    await choose(visitor, shop, CUP)
    await visitor.goto(f"{shop.url}/login")
    await give_password(visitor, ANA, "quero-quero-no-brejo")
    await visitor.get_by_text("The e-mail or the password does not match.").wait_for()
    assert await visitor.locator("#email").input_value() == ANA.email
    assert await visitor.locator("#password").input_value() == ""
    wide = "document.documentElement.scrollWidth > window.innerWidth"
    assert await visitor.evaluate(wide) is False
    assert not await is_let_in(visitor, shop)
    assert await titles(visitor, shop) == {f"/p/{CUP}"}
    assert await visitor.evaluate(wide) is False
    await visitor.goto(f"{shop.url}/login")
    await give_password(visitor, ANA)
    await visitor.get_by_role("heading", name="Hello, Ana").wait_for()
    assert await visitor.evaluate(wide) is False


async def test_an_application_by_others_gets_a_token_through_login_and_consent(visitor: Any, shop: Shop) -> None:
    verifier, state, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(8), secrets.token_urlsafe(8)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {"client_id": "demo-spa", "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid email cart"}
    asked |= {"state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256"}
    await visitor.goto(f"{shop.url}/oauth/authorize?{urlencode(asked)}")
    await visitor.wait_for_url("**/login**")
    await give_password(visitor, ANA)
    await visitor.get_by_role("heading", name="Demo SPA asks for access").wait_for()
    await visitor.get_by_text(ANA.email).wait_for()
    async with visitor.expect_request(is_callback) as sent:
        await visitor.get_by_role("button", name="Allow", exact=True).click()
    back = parse_qs(urlsplit((await sent.value).url).query)
    assert (back["state"], back["iss"]) == ([state], [shop.url])
    exchange = {"grant_type": "authorization_code", "client_id": "demo-spa", "redirect_uri": CALLBACK}
    exchange |= {"code": back["code"][0]}
    async with httpx.AsyncClient(base_url=shop.url) as client:
        wrong = await client.post("/oauth/token", data=exchange | {"code_verifier": "x" * 64})
        assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    # a code is shown once, with its secret or without; the second time she is not asked again
    # a page of its own: nobody answers at the callback, and the first page may still be on its way to saying so
    again = await visitor.context.new_page()
    await again.goto(f"{shop.url}/account")
    async with again.expect_request(is_callback) as sent:
        await again.evaluate("url => location.assign(url)", f"/oauth/authorize?{urlencode(asked)}")
    exchange |= {"code": parse_qs(urlsplit((await sent.value).url).query)["code"][0], "code_verifier": verifier}
    async with httpx.AsyncClient(base_url=shop.url) as client:
        answer = await client.post("/oauth/token", data=exchange)
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        who = (await client.get("/oauth/userinfo", headers={"authorization": f"Bearer {token}"})).json()
        assert (who["email"], who["email_verified"]) == (ANA.email, True)
        assert "name" not in who, "the profile was not asked for"
        spoilt = await client.get("/oauth/userinfo", headers={"authorization": f"Bearer {token}x"})
        assert spoilt.status_code == 401
    granted = await visitor.context.new_page()
    await granted.goto(f"{shop.url}/account/apps")
    await granted.get_by_text("Demo SPA").first.wait_for()
