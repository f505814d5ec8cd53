"""Accounts in a real browser: with and without JavaScript, with a passkey, in both languages, on a phone and a desk."""

import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe

from renga.domains.identity.contract import Consent, PendingConsent
from renga.frontends.web.identity_pages import ProviderLink
from renga.kernel.caller import Caller
from renga.kernel.clock import SystemClock
from tests.browser.shop import RunningShop
from tests.web.identity_fakes import PASSWORD, Person
from tests.web.identity_house import House
from tests.web.identity_passkeys import PasskeyAccounts

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 900}
EMAIL = "ana@example.com"


class Town:
    """A running shop with accounts; Ana is a customer of it, Olga works there."""

    def __init__(self) -> None:
        self._houses: list[House] = []
        self.shop = RunningShop(self._house)
        self.url = self.shop.url
        self.house = self._houses[0]
        self.ana: Person = self.house.accounts.add(EMAIL)
        self.olga: Person = self.house.accounts.add("olga@example.com", "Olga", stakeholders=("admin",))

    def _house(self, url: str) -> House:
        clock = SystemClock()
        providers = (ProviderLink(name="Keycloak", start="/login/with/keycloak"),)
        self._houses.append(House(clock, PasskeyAccounts(clock, url), providers=providers))
        return self._houses[0]


@pytest_asyncio.fixture(loop_scope="session")
async def town() -> AsyncIterator[Town]:
    town = Town()
    await town.shop.start()
    yield town
    await town.shop.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def scriptless(browser: Any, page: Any) -> AsyncIterator[Any]:
    """A page in a browser whose JavaScript is off."""
    context = await browser.new_context(java_script_enabled=False, locale="en")
    yield await context.new_page()
    await context.close()


async def speak(page: Any, town: Town, language: str) -> None:
    await page.context.add_cookies([{"name": "renga_language", "value": language, "url": town.url}])


async def log_in(page: Any, town: Town, email: str = EMAIL) -> None:
    await page.goto(f"{town.url}/login")
    await page.locator("#email").fill(email)
    await page.locator("#password").fill(PASSWORD)
    await page.locator("form[action='/login'] .button").click()


async def enter(page: Any, town: Town, language: str = "en") -> None:
    await speak(page, town, language)
    await log_in(page, town)
    await page.wait_for_url("**/account")


async def test_without_javascript_one_logs_in_keeps_an_address_and_logs_out(scriptless: Any, town: Town) -> None:
    await enter(scriptless, town)
    assert await scriptless.locator(".passkey:visible, [data-reveal]:visible, [data-copy]:visible").count() == 0
    await scriptless.get_by_role("link", name="Addresses").first.click()
    await scriptless.get_by_role("link", name="Add an address").click()
    for label, value in (
        ("Postal code (CEP in Brazil)", "05435001"),
        ("Street and number", "Rua Harmonia, 1040"),
        ("City", "São Paulo"),
        ("State or region", "SP"),
    ):
        await scriptless.get_by_label(label).fill(value)
    await scriptless.get_by_role("button", name="Save").click()
    await scriptless.get_by_text("05435-001 · Brazil").wait_for()
    assert [one.address.postal_code for one in town.ana.addresses] == ["05435001"]
    await scriptless.get_by_role("button", name="Log out").first.click()
    await scriptless.get_by_role("heading", name="Log in to your account").wait_for()
    assert await town.house.sessions.of_account(town.ana.account.id) == ()


async def test_a_passkey_is_added_and_opens_the_account_without_a_password(page: Any, town: Town) -> None:
    complaints = watch(page)
    await enter(page, town)
    devices = await page.context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    await devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    await page.goto(f"{town.url}/account/security")
    await page.get_by_label("Name").fill("This laptop")
    await page.get_by_role("button", name="Add a passkey").click()
    await page.get_by_text("Passkey added.").wait_for()
    assert [one.name for one in town.ana.passkeys] == ["This laptop"]
    await page.get_by_role("button", name="Log out").first.click()
    await page.get_by_role("button", name="Use a passkey").click()
    await page.wait_for_url("**/account")
    (session,) = await town.house.sessions.of_account(town.ana.account.id)
    assert session.amr == ("hwk", "mfa")
    assert complaints == []


async def test_a_passkey_that_does_not_answer_says_so_and_the_password_still_works(page: Any, town: Town) -> None:
    await speak(page, town, "en")
    devices = await page.context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    await devices.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"isUserVerified": False}})
    await page.goto(f"{town.url}/login")
    await page.get_by_role("button", name="Use a passkey").click()
    await page.get_by_text("The passkey did not answer. Try again.").wait_for()
    assert await town.house.sessions.of_account(town.ana.account.id) == ()
    await enter(page, town)
    (session,) = await town.house.sessions.of_account(town.ana.account.id)
    assert session.amr == ("pwd",)


async def test_staff_set_up_a_second_step_by_its_picture_before_anything_else(page: Any, town: Town) -> None:
    await speak(page, town, "en")
    await log_in(page, town, "olga@example.com")
    await page.get_by_role("button", name="Begin").click()
    picture = page.get_by_role("img", name=re.compile("QR code"))
    await picture.wait_for()
    assert await picture.evaluate("image => image.complete && image.naturalWidth > 50")
    assert town.olga.pending
    await page.get_by_label("The six digits it shows").fill(town.house.accounts.code(town.olga.pending))
    await page.get_by_role("button", name="Confirm").click()
    await page.get_by_role("heading", name="Keep these codes").wait_for()
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Copy the codes").click()
    await page.get_by_text("Copied").wait_for()
    assert await page.evaluate("navigator.clipboard.readText()") == "\n".join(town.olga.recovery)
    await page.get_by_role("link", name="I have kept them, continue").click()
    await page.get_by_role("heading", name="Hello, Olga").wait_for()


async def test_the_cep_is_written_as_it_is_read_and_a_password_can_be_seen(page: Any, town: Town) -> None:
    await enter(page, town)
    await page.goto(f"{town.url}/account/addresses/new")
    await page.locator("#postal_code").press_sequentially("01310x100")
    assert await page.locator("#postal_code").input_value() == "01310-100"
    await page.locator("#country").select_option("PT")
    await page.locator("#postal_code").fill("")
    await page.locator("#postal_code").press_sequentially("1100-148")
    assert await page.locator("#postal_code").input_value() == "1100-148"
    await page.goto(f"{town.url}/account/confirm")
    await page.locator("#password").fill("visible")
    await page.get_by_role("button", name="Show Password").click()
    assert await page.locator("#password").get_attribute("type") == "text"


async def test_allowing_a_client_really_leaves_the_shop_under_its_content_policy(page: Any, town: Town) -> None:
    complaints = watch(page)
    await page.route(
        "https://app.example/**", lambda route: route.fulfill(body="the client", content_type="text/plain")
    )
    await enter(page, town)
    town.house.consents.open["r"] = pending()
    await page.goto(f"{town.url}/oauth/consent?request=r")
    await page.get_by_role("button", name="Allow", exact=True).click()
    await page.wait_for_url("https://app.example/cb?code=abc")
    assert town.house.consents.decided == [("r", True)]
    assert complaints == []


async def test_a_stale_proof_asks_again_and_comes_back(page: Any, town: Town) -> None:
    await enter(page, town)
    for secret, session in town.house.sessions.by_secret.items():
        town.house.sessions.by_secret[secret] = msgspec.structs.replace(session, auth_at_ms=0)
    await page.goto(f"{town.url}/account/keys")
    await page.get_by_role("link", name="Confirm").click()
    await page.locator("#password").fill(PASSWORD)
    await page.get_by_role("button", name="Confirm").click()
    await page.get_by_role("heading", name="New key").wait_for()
    assert page.url == f"{town.url}/account/keys"
    (session,) = town.house.sessions.by_secret.values()
    assert session.auth_at_ms > 0


@pytest.mark.parametrize(("size", "language"), [(PHONE, "pt-BR"), (DESK, "en")])
async def test_every_page_of_accounts_is_accessible_and_fits_the_screen(
    page: Any, town: Town, size: dict[str, int], language: str
) -> None:
    complaints = watch(page)
    await page.set_viewport_size(size)
    await speak(page, town, language)
    found = []
    for path in ("/login", "/register", "/register/sent", "/verify?link=x", "/recover", "/recover/new?link=x"):
        await page.goto(f"{town.url}{path}")
        found += await audit(page, path)
    await log_in(page, town, "olga@example.com")
    found += await audit(page, "/login/enrol")
    await page.locator(".gate-card .button").click()
    await page.locator(".qr").wait_for()
    found += await audit(page, "/login/enrol/start")
    await furnish(town)
    await enter(page, town, language)
    consent = "/oauth/consent?request=r"
    rooms = (
        "",
        "/security",
        "/sessions",
        "/addresses",
        "/addresses/new",
        "/keys",
        "/apps",
        "/data",
        "/confirm",
        "/link?link=x",
    )
    for path in (*(f"/account{room}" for room in rooms), consent, "/"):
        await page.goto(f"{town.url}{path}")
        found += await audit(page, path)
    assert found == []
    assert complaints == []


def pending() -> PendingConsent:
    return PendingConsent(
        client_name="Recipe Book", redirect_host="app.example", scopes=("openid", "cart"), account_email=EMAIL
    )


async def furnish(town: Town) -> None:
    """Something to see in every room."""
    ana, house = town.ana.account.id, town.house
    house.sessions.elsewhere(ana, "Mozilla (iPhone) Safari/604", ago_ms=3_600_000, address="2804:14c:1:2:ffff:ffff:1:9")
    await house.api_keys.create(Caller(ana), "Robot", ("cart",), merchant_id=None, life_s=None, limit=None)
    house.clients.allowed[ana] = [
        Consent(client_id="c", client_name="Recipe Book", scopes=("openid", "cart"), since="2026-09-02T10:00:00Z")
    ]
    house.accounts.keep_passkey(town.ana, "pk-1", "Phone")
    house.consents.open["r"] = pending()


def watch(page: Any) -> list[str]:
    """Collects what the browser complains of: script errors and refusals of the content policy."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None,
    )
    return complaints


async def audit(page: Any, where: str) -> list[str]:
    """What axe (WCAG and best practice) finds, and whether the page is wider than the screen."""
    results = await Axe().run(page)
    found = [f"{where}: {violation['id']}: {violation['help']}" for violation in results.response["violations"]]
    wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [*found, f"{where}: wider than the screen"] if wide else found
