"""The account area over HTTP: what is shown once, what is hers alone, and what asks again who she is."""

import pytest

from renga.domains.cart.contract import CartBusy
from renga.domains.identity.contract import Address, Merchant, SavedAddress
from tests.web.identity_fakes import PASSWORD
from tests.web.member import COOKIE, Member, refusals
from tests.web.shopper import Shopper, hidden, text_of

PAGES = ("", "/security", "/sessions", "/addresses", "/addresses/new", "/keys", "/apps", "/data", "/confirm")
HOME = {
    "name": "Ana Lima",
    "country": "BR",
    "postal_code": "05435-001",
    "line1": "Rua Harmonia, 1040",
    "city": "São Paulo",
    "region": "SP",
}


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_of_the_account_asks_for_login_and_comes_back(path: str) -> None:
    async with Member() as shop:
        asked = await shop.get(f"/account{path}")
        assert asked.status_code == 303
        page = await shop.get(asked.headers["location"])
        next_ = hidden(page, "next")[0]
        answer = await shop.log_in(next_=next_)
        assert answer.headers["location"] == f"/account{path}"
        assert (await shop.get(f"/account{path}")).status_code == 200


@pytest.mark.parametrize(
    ("page", "action", "fields"),
    [
        ("/account/security", "/account/security/password", {"old": PASSWORD, "new": "longe do mar aberto"}),
        ("/account/security", "/account/security/totp/start", {}),
        ("/account/security", "/account/security/totp/confirm", {"code": "000000"}),
        ("/account/security", "/account/security/totp/remove", {"code": "RECOVER-1"}),
        ("/account/security", "/account/security/passkeys/options", {}),
        ("/account/security", "/account/security/passkeys", {"credential": '{"id": "pk-9"}'}),
        ("/account/security", "/account/security/passkeys/remove", {"passkey": "pk-1"}),
        ("/account/keys", "/account/keys", {"name": "Robot", "scope.cart": "1"}),
        ("/account/keys", "/account/keys/rotate", {"id": "key-1"}),
        ("/account/data", "/account/data/export", {}),
        ("/account/data", "/account/data/erase", {"email": "ana@example.com"}),
    ],
)
@pytest.mark.parametrize("stale", [False, True])
async def test_a_change_of_security_needs_the_token_and_a_proof_of_the_last_15_minutes(
    page: str, action: str, fields: dict[str, str], stale: bool
) -> None:
    async with Member() as shop:
        await shop.enter()
        shop.house.accounts.keep_passkey(shop.ana, "pk-1", "phone")
        await shop.send("/account/keys", "/account/keys", name="Old", **{"scope.cart": "1"})
        before = shop.ana.account
        if stale:
            shop.clock.advance(seconds=901)
            answer = await shop.send(page, action, **fields)
            location = answer.headers["location"]
            assert (answer.status_code, location) == (303, f"/account/confirm?next={page.replace('/', '%2F')}")
            assert "To change something here, confirm first that it is you." in text_of(await shop.get(page))
        else:
            answer = await shop.http.post(action, data={"csrf": "wrong", **fields})
            assert answer.status_code == 403
        assert shop.house.accounts.people[before.id].account == before
        assert (shop.ana.password, shop.ana.pending) == (PASSWORD, None)
        assert [key.name for key in shop.house.api_keys.keys.values()] == ["Old"]
        assert shop.house.api_keys.keys["key-1"].expires_at is None


async def test_confirming_by_password_opens_the_change_for_15_minutes_under_a_new_cookie() -> None:
    async with Member() as shop:
        await shop.enter()
        shop.clock.advance(seconds=901)
        before = shop.secret
        path = "/account/confirm?next=%2Faccount%2Fkeys"
        wrong = await shop.send(path, "/account/confirm", password="wrong", next="/account/keys")
        assert (wrong.status_code, refusals(wrong)[0]) == (422, "The password does not match.")
        assert shop.secret == before
        right = await shop.send(path, "/account/confirm", password=PASSWORD, next="/account/keys")
        assert (right.status_code, right.headers["location"]) == (303, "/account/keys")
        assert before not in shop.house.sessions.by_secret
        made = await shop.send("/account/keys", "/account/keys", name="Robot", **{"scope.cart": "1"})
        assert made.status_code == 200
        shop.clock.advance(seconds=901)
        assert (await shop.send("/account/keys", "/account/keys/rotate", id="key-1")).status_code == 303


async def test_somebody_elses_proof_is_none() -> None:
    async with Member() as shop:
        await shop.enter()
        bia = shop.house.accounts.add("bia@example.com", "Bia")
        shop.house.accounts.keep_passkey(bia, "pk-bia", "phone")
        shop.clock.advance(seconds=901)
        fields = {"challenge": "challenge-1", "credential": '{"id": "pk-bia"}', "next": "/account/keys"}
        refused = await shop.send("/account/confirm", "/account/confirm/passkey", **fields)
        assert (refused.status_code, refusals(refused)[0]) == (422, "This passkey was not accepted.")
        shop.house.accounts.keep_passkey(shop.ana, "pk-ana", "phone")
        fields["credential"] = '{"id": "pk-ana"}'
        right = await shop.send("/account/confirm", "/account/confirm/passkey", **fields)
        assert (right.status_code, right.headers["location"]) == (303, "/account/keys")


async def test_confirming_never_leads_off_the_shop() -> None:
    async with Member() as shop:
        await shop.enter()
        answer = await shop.send("/account/confirm", "/account/confirm", password=PASSWORD, next="//evil.example")
    assert answer.headers["location"] == "/account"


async def test_a_new_password_logs_out_every_other_device_and_renews_this_one() -> None:
    async with Member() as shop:
        await shop.enter()
        shop.house.sessions.elsewhere(shop.ana.account.id, "Firefox")
        before = shop.secret
        wrong = await shop.send(
            "/account/security", "/account/security/password", old="wrong", new="longe do mar aberto"
        )
        assert (wrong.status_code, refusals(wrong)) == (422, ["The present password does not match."])
        weak = await shop.send("/account/security", "/account/security/password", old=PASSWORD, new="senha123456")
        assert weak.status_code == 422
        assert shop.ana.password == PASSWORD
        assert len(await shop.house.sessions.of_account(shop.ana.account.id)) == 2
        done = await shop.send(
            "/account/security", "/account/security/password", old=PASSWORD, new="longe do mar aberto"
        )
        assert (done.status_code, done.headers["location"]) == (303, "/account/security")
        assert shop.ana.password == "longe do mar aberto"
        assert list(shop.house.sessions.by_secret) == [shop.secret]
        assert shop.secret != before


async def test_setting_up_a_second_factor_shows_picture_secret_and_recovery_codes_once() -> None:
    async with Member() as shop:
        await shop.enter()
        page = await shop.send("/account/security", "/account/security/totp/start")
        assert shop.ana.pending
        assert shop.ana.pending in text_of(page).replace(" ", "")
        assert 'src="data:image/svg+xml;base64,' in page.text
        uri = hidden(page, "uri")[0]
        wrong = await shop.send("/account/security", "/account/security/totp/confirm", uri=uri, code="000000")
        assert wrong.status_code == 422
        assert shop.ana.pending in text_of(wrong).replace(" ", "")
        code = shop.house.accounts.code(shop.ana.pending)
        shown = await shop.send("/account/security", "/account/security/totp/confirm", uri=uri, code=code)
        assert [one for one in shop.ana.recovery if one not in shown.text] == []
        security = await shop.get("/account/security")
        assert [one for one in shop.ana.recovery if one in security.text] == []
        assert "Turn the second step off" in text_of(security)


async def test_a_forged_enrolment_shows_nothing() -> None:
    async with Member() as shop:
        await shop.enter()
        for uri in ("javascript:alert(1)", "https://evil.example/?secret=AAAA", "otpauth://totp/x", "x" * 900):
            answer = await shop.send("/account/security", "/account/security/totp/confirm", uri=uri, code="1")
            assert (answer.status_code, answer.headers["location"]) == (303, "/account/security")


async def test_removing_the_second_factor_needs_a_code_and_staff_may_not() -> None:
    async with Member() as shop:
        secret = shop.house.accounts.enrol(shop.ana)
        await shop.log_in()
        await shop.send("/login/second-factor", "/login/second-factor", code=shop.house.accounts.code(secret))
        wrong = await shop.send("/account/security", "/account/security/totp/remove", code="000000")
        assert wrong.status_code == 422
        assert shop.ana.totp == secret
        await shop.send("/account/security", "/account/security/totp/remove", code=shop.house.accounts.code(secret))
        assert shop.ana.totp is None


async def test_the_last_factor_of_staff_stays() -> None:
    async with Member() as shop:
        olga = shop.house.accounts.add("olga@example.com", "Olga", stakeholders=("admin",))
        shop.house.accounts.keep_passkey(olga, "pk-1", "phone")
        await shop.send("/login", "/login/passkey", challenge="challenge-1", credential='{"id": "pk-1"}')
        answer = await shop.send("/account/security", "/account/security/passkeys/remove", passkey="pk-1")
        assert answer.status_code == 303
        assert [one.id for one in olga.passkeys] == ["pk-1"]
        assert "Staff accounts need a second step" in text_of(await shop.get("/account/security"))


async def test_passkeys_are_added_listed_and_removed() -> None:
    async with Member() as shop:
        await shop.enter()
        options = await shop.send("/account/security", "/account/security/passkeys/options")
        assert options.json()["options"]["rp"] == {"name": "Renga"}
        bad = await shop.send("/account/security", "/account/security/passkeys", credential="{}", name="Phone")
        assert bad.status_code == 422
        await shop.send("/account/security", "/account/security/passkeys", credential='{"id": "pk-1"}', name=" Phone ")
        assert [(one.id, one.name) for one in shop.ana.passkeys] == [("pk-1", "Phone")]
        assert "Phone" in text_of(await shop.get("/account/security"))
        await shop.send("/account/security", "/account/security/passkeys/remove", passkey="pk-1")
        assert shop.ana.passkeys == []


async def test_sessions_are_listed_with_the_present_one_first_and_others_can_be_ended() -> None:
    async with Member() as shop:
        await shop.enter()
        phone = shop.house.sessions.elsewhere(shop.ana.account.id, "Mozilla (iPhone) Safari/604", ago_ms=7_200_000)
        shop.house.sessions.elsewhere(shop.ana.account.id, "curl/8.5")
        words = text_of(await shop.get("/account/sessions"))
        assert words.index("Chrome on Linux this device") < words.index("Safari on iPhone")
        assert "Seen 2 hours ago · 203.0.113.7" in words
        await shop.send("/account/sessions", "/account/sessions/end", session=phone)
        assert phone not in [one.id for one in shop.house.sessions.by_secret.values()]
        await shop.send("/account/sessions", "/account/sessions/end-others")
        assert list(shop.house.sessions.by_secret) == [shop.secret]


async def test_nobody_ends_a_strangers_session() -> None:
    async with Member() as shop:
        await shop.enter()
        bia = shop.house.accounts.add("bia@example.com", "Bia")
        hers = shop.house.sessions.elsewhere(bia.account.id, "Firefox")
        await shop.send("/account/sessions", "/account/sessions/end", session=hers)
        assert [one.id for one in await shop.house.sessions.of_account(bia.account.id)] == [hers]


async def test_an_address_is_tidied_kept_changed_and_removed() -> None:
    async with Member() as shop:
        await shop.enter()
        await shop.send("/account/addresses/new", "/account/addresses/new", **(HOME | {"city": "  São   Paulo "}))
        (saved,) = shop.ana.addresses
        assert saved.address == Address(**(HOME | {"postal_code": "05435001"}))
        assert saved.default is True
        assert "05435-001 · Brazil" in text_of(await shop.get("/account/addresses"))
        path = f"/account/addresses/{saved.id}"
        assert 'value="05435-001"' in (await shop.get(path)).text
        await shop.send(path, path, **(HOME | {"line2": "ap. 42"}))
        assert [(one.address.line2, one.default) for one in shop.ana.addresses] == [("ap. 42", True)]
        await shop.send("/account/addresses", f"{path}/remove")
        assert shop.ana.addresses == []


@pytest.mark.parametrize(
    ("fields", "texts"),
    [
        ({"postal_code": "1234"}, ["A CEP has eight digits, such as 01310-100."]),
        ({"postal_code": "٠١٢٣٤٥٦٧"}, ["A CEP has eight digits, such as 01310-100."]),
        ({"country": "XX"}, ["Please fill this in."]),
        ({"line1": " ", "city": ""}, ["Please fill this in.", "Please fill this in."]),
        ({"name": "n" * 121}, ["This text is too long."]),
    ],
)
async def test_an_address_that_cannot_be_is_not_kept(fields: dict[str, str], texts: list[str]) -> None:
    async with Member() as shop:
        await shop.enter()
        page = await shop.send("/account/addresses/new", "/account/addresses/new", **(HOME | fields))
        assert page.status_code == 422
        assert refusals(page) == texts
        assert shop.ana.addresses == []


async def test_a_strangers_address_is_not_there() -> None:
    async with Member() as shop:
        await shop.enter()
        bia = shop.house.accounts.add("bia@example.com", "Bia")
        bia.addresses = [
            SavedAddress(id="adr-bia", address=Address(**(HOME | {"postal_code": "05435001"})), default=True)
        ]
        assert (await shop.get("/account/addresses/adr-bia")).status_code == 404
        changed = await shop.send("/account/addresses/new", "/account/addresses/adr-bia", **HOME, phone="1")
        await shop.send("/account/addresses/new", "/account/addresses/adr-bia/remove")
        assert changed.status_code == 404
        assert [(one.id, one.address.phone) for one in bia.addresses] == [("adr-bia", "")]
        assert shop.ana.addresses == []


async def test_an_api_key_is_shown_once_and_a_double_click_makes_one() -> None:
    async with Member() as shop:
        await shop.enter()
        page = await shop.get("/account/keys")
        fields = {"csrf": hidden(page, "csrf")[0], "key": hidden(page, "key")[-1], "name": "Robot", "life": "30"}
        fields["scope.cart"] = "1"
        first = await shop.http.post("/account/keys", data=fields)
        second = await shop.http.post("/account/keys", data=fields)
        key = first.text.partition('<code id="key">')[2].partition("<")[0]
        assert key.startswith("rk_key-1_")
        assert key in second.text
        (kept,) = shop.house.api_keys.keys.values()
        assert (kept.name, kept.scopes, kept.expires_at) == ("Robot", ("cart",), "2023-12-14T22:13:20.000Z")
        listed = await shop.get("/account/keys")
        assert key not in listed.text
        assert "never used" in text_of(listed)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"name": "", "scope.cart": "1"}, "Give the key a name, of at most 80 characters."),
        ({"name": "Robot"}, "Choose at least one thing that the key may do."),
        ({"name": "Robot", "scope.identity:admin": "1"}, "This key could not be made: check its name and what it may."),
    ],
)
async def test_a_key_that_may_not_be_is_not_made(fields: dict[str, str], text: str) -> None:
    async with Member() as shop:
        await shop.enter()
        page = await shop.send("/account/keys", "/account/keys", **fields)
        assert (page.status_code, refusals(page)) == (422, [text])
        assert shop.house.api_keys.keys == {}


async def test_a_key_is_rotated_with_a_days_overlap_and_revoked_without_asking_again() -> None:
    async with Member() as shop:
        await shop.enter()
        await shop.send("/account/keys", "/account/keys", name="Robot", **{"scope.cart": "1"})
        rotated = await shop.send("/account/keys", "/account/keys/rotate", id="key-1")
        assert "rk_key-2_" in rotated.text
        assert shop.house.api_keys.keys["key-1"].expires_at == "2023-11-15T22:13:20.000Z"
        shop.clock.advance(seconds=901)
        answer = await shop.send("/account/keys", "/account/keys/revoke", id="key-2")
        assert answer.status_code == 303
        assert shop.house.api_keys.keys["key-2"].revoked is True
        assert (await shop.send("/account/keys", "/account/keys/revoke", id="key-of-nobody")).status_code == 404


async def test_the_export_is_a_file_that_no_cache_keeps() -> None:
    async with Member() as shop:
        await shop.enter()
        answer = await shop.send("/account/data", "/account/data/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="renga.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["account"]["email"] == "ana@example.com"


async def test_erasure_takes_the_typed_address_and_ends_everything() -> None:
    async with Member() as shop:
        await shop.enter()
        shop.house.sessions.elsewhere(shop.ana.account.id, "Firefox")
        wrong = await shop.send("/account/data", "/account/data/erase", email="ana@example.co")
        assert refusals(wrong) == ["This is not the account's address. Nothing was erased."]
        assert shop.ana.account.id in shop.house.accounts.people
        done = await shop.send("/account/data", "/account/data/erase", email=" Ana@example.com ")
        assert (done.status_code, done.headers["location"]) == (303, "/")
        assert shop.house.accounts.people == {}
        assert shop.house.sessions.by_secret == {}
        assert COOKIE not in shop.http.cookies


async def test_the_overview_names_her_merchants_in_her_language() -> None:
    async with Member(language="pt-BR") as shop:
        merchant = Merchant(id="m-1", name="Forno <Baixo>", slug="forno", created_at="2026-01-01T00:00:00Z")
        shop.house.merchants.of[shop.ana.account.id] = ((merchant, "owner"),)
        await shop.enter()
        page = await shop.get("/account")
    assert "Olá, Ana" in text_of(page)
    assert "Forno &lt;Baixo&gt;" in page.text
    assert "dona" in text_of(page)


async def test_a_member_shops_as_herself() -> None:
    async with Member() as shop:
        await shop.enter()
        await shop.send("/p/cup", "/cart/lines", sku="CUP-BLUE")
        cart = await shop.get("/cart")
        assert cart.status_code == 200
        assert shop.carts.customers == {shop.ana.account.id}


async def test_a_member_has_one_cart_in_all_her_browsers() -> None:
    async with Member() as shop, shop.browser() as desk:
        await shop.enter()
        await shop.send("/p/cup", "/cart/lines", sku="CUP-BLUE")
        shop.http, phone = desk, shop.http
        await shop.enter()
        await shop.send("/p/cup", "/cart/lines", sku="CUP-BLUE")
        await shop.send("/p/cup", "/cart/lines", sku="CUP-BLUE")
        shop.http = phone
    filled = [cart for cart in shop.carts.carts.values() if cart.lines]
    assert [[(line.sku, line.quantity) for line in cart.lines] for cart in filled] == [[("CUP-BLUE", 3)]]
    assert shop.carts.current == {shop.ana.account.id: filled[0].id}


async def test_a_member_shops_on_in_a_cart_of_her_own_while_her_other_one_cannot_be_found() -> None:
    async with Member() as shop:
        await shop.enter()
        shop.carts.no_take_over = CartBusy()
        await shop.send("/p/cup", "/cart/lines", sku="CUP-BLUE")
    (cart,) = shop.carts.carts.values()
    assert [(line.sku, line.quantity) for line in cart.lines] == [("CUP-BLUE", 1)]
    assert shop.carts.current == {}


async def test_a_shop_without_accounts_has_none_of_these_pages() -> None:
    async with Shopper() as visitor:
        pages = [await visitor.get(path) for path in ("/login", "/register", "/account")]
        home = await visitor.get("/")
    assert [page.status_code for page in pages] == [404, 404, 404]
    assert "to-account" not in home.text
