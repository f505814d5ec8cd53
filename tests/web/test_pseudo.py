"""Every page and mail in a pseudo-language: what is not in the catalogues, or is joined from pieces, shows itself."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from renga.domains.cart.contract import CartBusy, StoreUnavailable
from renga.domains.identity.accounts.mails import AccountMails
from renga.domains.identity.contract import Address, Consent, Merchant, PendingConsent
from renga.frontends.web import rendering
from renga.kernel.caller import Caller
from renga.platform.mail.port import Mail
from renga.platform.settings import PlatformSettings
from renga.platform.texts import open_locales
from tests.catalog.fake import FakeCatalog
from tests.web.member import Member
from tests.web.pseudo import LANGUAGE, LONGER, pseudo_text, said_on, untranslated, write_pseudo
from tests.web.shopper import BASE, Shopper, hidden

TEMPLATES = Path(rendering.__file__).parent / "templates"
#: Templates that others extend or include.
PARTS = {"area.html", "base.html", "fields.html", "gate.html", "listing.html", "parts.html", "setup.html", "still.html"}
#: Names, codes and symbols that are said alike in every language, and the months of CLDR's English.
DATA = frozenset({
    "renga", "EN", "R$", "US$", "BRL", "USD", "Ana", "Lima", "Olga", "Bia", "ana@example.com", "bia@example.com",
    "olga@example.com", "Keycloak", "Serra", "Chrome", "Firefox", "Linux", "Robot", "phone", "Recipe <Book>", "recipes.example",
    "made:up", "Rua Harmonia, 1040", "São Paulo", "SP", "CEP", "zzyzx", "canica", "caneca", "Caneca",
    "November", "December", "January", "March", "ml", "g/m²", "cm", "kg",
})  # fmt: skip
MOMENT, NEW_PASSWORD = "2026-03-08T12:00:00Z", "longe do mar aberto"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> PlatformSettings:
    folder = write_pseudo(tmp_path_factory.mktemp("pseudo"))
    return PlatformSettings(public_url=BASE, languages=(LANGUAGE,), locales=str(folder))


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the templates that were rendered."""
    names: set[str] = set()
    render = rendering.Templates.render

    def record(self: rendering.Templates, name: str, context: dict[str, Any]) -> bytes:
        names.add(name)
        return render(self, name, context)

    monkeypatch.setattr(rendering.Templates, "render", record)
    return names


class Walk:
    """Looks at pages and remembers what of them is no pseudo-text."""

    def __init__(self, http: httpx.AsyncClient, catalog: FakeCatalog) -> None:
        self._http = http
        self._data = DATA | data_of(catalog)
        self.plain: list[tuple[str, str]] = []
        self.pages = 0

    async def see(self, page: httpx.Response) -> httpx.Response:
        while page.status_code == 303:
            page = await self._http.get(page.headers["location"])
        assert "text/html" in page.headers["content-type"], page.request.url
        assert page.text, f"{page.request.method} {page.request.url} answered {page.status_code} with no page"
        self.pages += 1
        where = f"{page.request.method} {page.request.url.path}"
        texts = said_on(page.text)
        assert any("⟦" in text for text in texts), where
        self.plain += [(where, text) for text in untranslated(texts, self._data)]
        return page


def data_of(catalog: FakeCatalog) -> frozenset[str]:
    """Every text that the catalogue brings, in every language."""
    rows = msgspec.to_builtins([list(catalog.by_slug.values()), list(catalog.taxonomy), list(catalog.types)])
    return frozenset(_strings(rows))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.strip():
        yield from (part.strip() for part in value.split("\n") if part.strip())
        yield value[:1].upper() + value[1:].replace("_", " ")
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _strings(key)
            yield from _strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)


async def walk_shelves(settings: PlatformSettings) -> Walk:
    catalog = FakeCatalog.demo()
    async with Shopper(settings=settings, catalog=catalog, searchable=True) as visitor:
        walk = Walk(visitor.http, visitor.catalog)
        slugs = list(catalog.by_slug)[::8]
        for path in (
            "/",
            "/c",
            f"/c/{catalog.taxonomy[0].slug}",
            "/search",
            "/search?q=caneca&sort=price",
            "/search?q=zzyzx",
        ):
            await walk.see(await visitor.get(path))
        await walk.see(await visitor.get("/search?q=caneca&price.from=1&price.to=900&brand=Serra"))
        for slug in slugs:
            await walk.see(await visitor.get(f"/p/{slug}"))
        visitor.search.corrections["canecca"] = "caneca"
        visitor.search.meant["canica"] = "caneca"
        await walk.see(await visitor.get("/search?q=canica"))
        await walk.see(await visitor.get("/p/nothing"))
        visitor.catalog.trouble = StoreUnavailable()
        await walk.see(await visitor.get(f"/p/{slugs[0]}"))
    return walk


async def walk_cart(settings: PlatformSettings) -> Walk:
    catalog = FakeCatalog()
    async with Shopper(settings=settings, catalog=catalog) as visitor:
        walk = Walk(visitor.http, visitor.catalog)
        await walk.see(await visitor.get("/cart"))
        await walk.see(await visitor.add("CUP-BLUE", "2"))
        await walk.see(await visitor.land("/preferences", currency="USD", back="/"))
        visitor.catalog.reprice("CUP-BLUE", {"BRL": 9900})
        await walk.see(await visitor.get("/cart"))
        await walk.see(await visitor.get("/cart/currency?to=USD"))
        await walk.see(await visitor.add("CUP-BLUE", "99999"))
        visitor.carts.trouble = CartBusy()
        await walk.see(await visitor.get("/cart"))
        visitor.carts.trouble = None
        visitor.carts.expire(visitor.cart_id)
        await walk.see(await visitor.get("/cart"))
        await walk.see(await visitor.http.post("/cart/lines", data={}, headers={"origin": "https://evil.example"}))
    return walk


async def walk_gate(settings: PlatformSettings) -> Walk:
    async with Member(settings=settings, language=LANGUAGE) as shop:
        walk = Walk(shop.http, shop.catalog)
        for path in ("/login", "/login?next=%2Faccount&notice=external_unverified", "/register", "/recover"):
            await walk.see(await shop.get(path))
        await walk.see(await shop.log_in(password="wrong"))
        await walk.see(await shop.send("/register", "/register", name="", email="x", password="short"))
        asked = {"name": "Bia", "email": "bia@example.com", "password": NEW_PASSWORD}
        await walk.see(await shop.send("/register", "/register", **asked))
        link = shop.house.accounts.mails[0][2]
        await walk.see(await shop.get(f"/verify?link={link}"))
        await shop.send("/verify", "/verify", link=link)
        await walk.see(await shop.send("/verify", "/verify", link=link))
        await walk.see(await shop.send("/recover", "/recover", email="x"))
        await walk.see(await shop.send("/recover", "/recover", email="ana@example.com"))
        link = shop.house.accounts.mails[-1][2]
        await walk.see(await shop.get(f"/recover/new?link={link}"))
        await walk.see(await shop.send("/recover/new", "/recover/new", link=link, password="short"))
        await walk.see(await shop.send("/recover/new", "/recover/new", link="none", password=NEW_PASSWORD))
        await _walk_second_steps(walk, shop)
    return walk


async def _walk_second_steps(walk: Walk, shop: Member) -> None:
    olga = shop.house.accounts.add("olga@example.com", "Olga", stakeholders=("customer", "finance"))
    await shop.log_in("olga@example.com")
    await walk.see(await shop.get("/login/enrol"))
    page = await walk.see(await shop.send("/login/enrol", "/login/enrol/start", next="/account"))
    fields = {"uri": hidden(page, "uri")[0], "next": "/account"}
    await walk.see(await shop.send("/login/enrol", "/login/enrol/confirm", code="000000", **fields))
    assert olga.pending
    fields["code"] = shop.house.accounts.code(olga.pending)
    await walk.see(await shop.send("/login/enrol", "/login/enrol/confirm", **fields))
    shop.house.consents.open["req-1"] = PendingConsent(
        client_name="Recipe <Book>",
        redirect_host="recipes.example",
        scopes=("cart", "openid", "made:up"),
        account_email="olga@example.com",
    )
    path = "/oauth/consent?request=req-1"
    await walk.see(await shop.get(path))
    await walk.see(await shop.send(path, "/oauth/consent", request="req-1", decision="allow"))
    await shop.send("/account", "/logout")
    await shop.log_in("olga@example.com")
    await walk.see(await shop.get("/login/second-factor"))
    await walk.see(await shop.send("/login/second-factor", "/login/second-factor", code="000000"))


SERRA = Merchant(id="m-1", name="Serra", slug="serra", created_at=MOMENT)


async def walk_account(settings: PlatformSettings) -> Walk:
    async with Member(settings=settings, language=LANGUAGE) as shop:
        walk = Walk(shop.http, shop.catalog)
        await shop.enter()
        await _furnish(shop)
        pages = ("", "/security", "/sessions", "/addresses", "/addresses/new", "/keys", "/apps", "/data", "/confirm")
        for path in (*pages, "/link?link=abc"):
            await walk.see(await shop.get(f"/account{path}"))
        shop.house.merchants.invited[shop.ana.account.id, "abc"] = (SERRA, "clerk")
        await walk.see(await shop.get("/invitation?link=abc"))
        await walk.see(await shop.get("/invitation?link=none"))
        await walk.see(await shop.get("/oauth/refused?error=redirect_uri_refused"))
        security = "/account/security"
        await walk.see(await shop.send(security, f"{security}/password", old="wrong", new=NEW_PASSWORD))
        page = await walk.see(await shop.send(security, f"{security}/totp/start"))
        uri = hidden(page, "uri")[0]
        await walk.see(await shop.send(security, f"{security}/totp/confirm", uri=uri, code="000000"))
        assert shop.ana.pending
        code = shop.house.accounts.code(shop.ana.pending)
        await walk.see(await shop.send(security, f"{security}/totp/confirm", uri=uri, code=code))
        await walk.see(await shop.get(security))
        await walk.see(await shop.send("/account/addresses/new", "/account/addresses/new", name="Ana", country="BR"))
        await walk.see(await shop.send("/account/keys", "/account/keys", name="Robot", **{"scope.cart": "1"}))
        await walk.see(await shop.get("/account/keys"))
        await walk.see(await shop.send("/account/data", "/account/data/erase", email="x"))
        shop.clock.advance(seconds=901)
        for path in pages:
            await walk.see(await shop.get(f"/account{path}"))
    return walk


async def _furnish(shop: Member) -> None:
    """Something to see in every room of the account."""
    house, ana = shop.house, shop.ana.account.id
    house.accounts.keep_passkey(shop.ana, "pk-1", "phone")
    house.sessions.elsewhere(ana, "Mozilla/5.0 (X11; Linux) Firefox/140.0", ago_ms=3_600_000)
    home = Address(
        name="Ana Lima", line1="Rua Harmonia, 1040", city="São Paulo", region="SP", postal_code="05435001", country="BR"
    )
    await house.accounts.save_address(Caller(ana), home, address_id=None, default=True)
    house.clients.allowed[ana] = [Consent(client_id="c-1", client_name="Recipe <Book>", scopes=("cart",), since=MOMENT)]
    house.merchants.of[ana] = ((SERRA, "owner"),)


async def test_no_page_says_anything_that_translators_were_not_given(
    settings: PlatformSettings, rendered: set[str]
) -> None:
    walks = [await walk(settings) for walk in (walk_shelves, walk_cart, walk_gate, walk_account)]
    assert sorted({plain for walk in walks for plain in walk.plain}) == []
    assert {file.name for file in TEMPLATES.glob("*.html")} - PARTS - rendered == set()
    assert [walk.pages > 8 for walk in walks] == [True] * 4


def test_no_mail_says_anything_that_translators_were_not_given(settings: PlatformSettings) -> None:
    letters = AccountMails(open_locales(settings))
    kinds = (
        letters.verify_email,
        letters.already_registered,
        letters.recover_account,
        letters.password_changed,
        letters.invited_to_merchant,
    )
    mails: list[Mail] = [make("ana@example.com", "Ana", LANGUAGE, "https://x.example/1") for make in kinds]
    said = [text for mail in mails for text in (mail.subject, mail.text)]
    assert untranslated(said, frozenset(("Ana", "https://x.example/1"))) == []
    assert [text.count("⟦") for text in said] == [1] * 10


def test_no_template_has_words_of_its_own() -> None:
    """Also in the branches that no page of a test takes."""
    found = [
        (file.name, words) for file in sorted(TEMPLATES.glob("*.html")) for words in _words(file.read_text("utf-8"))
    ]
    assert found == [("base.html", "renga"), ("base.html", "renga")]


def _words(template: str) -> list[str]:
    """The texts and spoken attributes of a template, its expressions and statements taken out."""
    template = re.sub(r"\{% block kind %\}\w+\{% endblock %\}", "", template)  # og:type
    bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", template, flags=re.S)
    return [text for text in said_on(bare) if re.search(r"[^\W\d_]", text)]


@pytest.mark.parametrize("text", ["Skip", "A renga is a poem by several hands", "{n} items"])
def test_a_pseudo_text_is_longer_has_no_plain_letter_and_keeps_its_values(text: str) -> None:
    made = pseudo_text(text)
    assert len(made) >= len(text) * (1 + LONGER)
    assert untranslated([made], frozenset(("{n}",))) == []
    assert re.findall(r"\{.*?\}", made) == re.findall(r"\{.*?\}", text)


def test_a_word_that_is_written_into_a_page_is_found() -> None:
    page = '<h1 title="Hello">⟦Ŝķîþ~~⟧ Ana</h1><p>Add to cart</p><script>let words</script><code>cart:read</code>'
    assert untranslated(said_on(page), frozenset(("Ana",))) == ["Hello", "Add to cart"]
