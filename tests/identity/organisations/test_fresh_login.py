"""What could take an account over needs a login that is not old: the use case says so, every route declares it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from renga.apps.commands.contracts import described
from renga.apps.permissions_page import entries_of
from renga.domains.identity.contract import ADMINISTRATION, FRESH_LOGIN_S, Client
from renga.kernel.caller import Caller, FreshLoginRequired
from tests.identity.accounts.people import HOME, PASSWORD
from tests.identity.organisations.house import ALWAYS_MS, House
from tests.identity.organisations.rest import EVERY, Rest
from tests.identity.organisations.test_rest import BODIES

#: Every route that demands it, and no other.
DEMANDING = {
    *(f"POST /account/security/{end}" for end in ("password", "totp/start", "totp/confirm", "totp/remove")),
    *(f"POST /account/security/passkeys{end}" for end in ("", "/options", "/remove")),
    *("POST /account/keys", "POST /account/keys/rotate", "POST /account/data/export", "POST /account/data/erase"),
    *("PUT /v1/identity/me/password", "DELETE /v1/identity/me", "GET /v1/identity/me/export"),
    *(f"POST /v1/identity/me/totp{end}" for end in ("", "/confirm", "/remove")),
    *("POST /v1/identity/me/passkeys", "POST /v1/identity/me/passkeys/options"),
    "DELETE /v1/identity/me/passkeys/{passkey_id}",
    *("POST /v1/identity/api-keys", "POST /v1/identity/api-keys/{key_id}/rotate"),
    "POST /v1/identity/merchants/{merchant_id}/api-keys",
    "POST /v1/identity/merchants/{merchant_id}/api-keys/{key_id}/rotate",
    "POST /v1/identity/clients",
    # where a merchant's money goes: tests/payments/finance/test_payout_accounts.py
    *("PUT /v1/merchants/{merchant_id}/payout-account", "GET /v1/merchants/{merchant_id}/payout-account/details"),
}


@pytest.fixture
async def rest(house: House) -> AsyncIterator[Rest]:
    rest = Rest(house)
    yield rest
    await rest.http.aclose()
    rest.people.passwords.close()


def test_of_all_routes_of_the_shop_these_demand_a_fresh_login_and_no_other() -> None:
    demanding = {f"{one.method} {one.path}": one.access.fresh_s for one in entries_of(described())}
    assert {route for route, fresh_s in demanding.items() if fresh_s is not None} == DEMANDING
    assert {demanding[route] for route in DEMANDING} == {FRESH_LOGIN_S}


@pytest.mark.parametrize("kind", ["session", "token"])
async def test_an_old_login_is_asked_again_by_every_such_route_and_nothing_happens(rest: Rest, kind: str) -> None:
    ana = await rest.house.person("ana", "customer", "merchant", "admin")
    rest.let("ana", ana, kind=kind, proved_ms=1_000)
    before = await rest.people.everything()
    for route in sorted(DEMANDING):
        method, _, path = route.partition(" /v1/identity")
        if not path:
            continue
        method = method.strip()
        filled = path.format(passkey_id="p", key_id="k", merchant_id="m") if "{" in path else path
        answer = await rest.ask("ana", method, filled, BODIES.get((method, path)))
        assert (answer.status_code, answer.json()["code"]) == (401, "fresh_login_required"), route
        assert answer.json()["max_age"] == FRESH_LOGIN_S
        assert answer.headers["www-authenticate"] == (
            'Bearer realm="renga", error="insufficient_user_authentication", error_description="this needs a login that is '
            'at most 900 seconds old", max_age="900"'
        )
    assert await rest.people.everything() == before


async def test_the_same_routes_take_a_login_of_a_moment_ago(rest: Rest) -> None:
    ana = await rest.house.person("ana", "customer")
    rest.let("ana", ana, kind="session", proved_ms=ALWAYS_MS)
    made = await rest.ask("ana", "POST", "/api-keys", {"name": "import", "scopes": ["cart"]})
    assert made.status_code == 201
    assert (await rest.ask("ana", "GET", "/me/export")).status_code == 200
    assert (await rest.ask("ana", "DELETE", "/me")).status_code == 204


async def test_an_api_key_has_no_login_and_registers_no_client(rest: Rest) -> None:
    ana = await rest.house.person("ana", "customer", "admin")
    rest.let("key", ana, EVERY, kind="api_key", key_id="k")
    answer = await rest.ask("key", "POST", "/clients", BODIES["POST", "/clients"])
    assert (answer.status_code, answer.json()["code"]) == (401, "fresh_login_required")
    assert await rest.house.rows("clients") == 0


async def test_the_use_cases_refuse_an_old_login_whatever_the_face(rest: Rest) -> None:
    house, accounts = rest.house, rest.accounts
    ana = await house.person("ana", "customer", "admin")
    now = house.clock.now_ms()
    old = Caller(ana, EVERY, proved_ms=now - FRESH_LOGIN_S * 1000 - 1)
    young = Caller(ana, EVERY, proved_ms=now - FRESH_LOGIN_S * 1000)
    assert old.may(ADMINISTRATION)
    client = Client(id="prices", name="Prices", redirect_uris=("https://p.example/cb",), scopes=("openid",))
    made = await house.keys.create(young, "one", ["cart"], merchant_id=None, life_s=None, limit=None)
    kept: dict[str, Any] = {"merchant_id": None}
    asked: list[Callable[[], Awaitable[object]]] = [
        lambda: accounts.change_password(old, PASSWORD, "seven sailing boats", HOME),
        lambda: accounts.start_totp(old),
        lambda: accounts.confirm_totp(old, "123456"),
        lambda: accounts.remove_totp(old, "123456"),
        lambda: accounts.start_passkey(old),
        lambda: accounts.finish_passkey(old, {}, "Phone"),
        lambda: accounts.remove_passkey(old, "p"),
        lambda: accounts.export(old),
        lambda: accounts.erase(old, HOME),
        lambda: house.keys.create(old, "two", ["cart"], life_s=None, limit=None, **kept),
        lambda: house.keys.rotate(old, made.info.id, overlap_s=0, **kept),
        lambda: house.clients.register(old, client),
    ]
    before = await rest.people.everything()
    for ask in asked:
        with pytest.raises(FreshLoginRequired):
            await ask()
    assert await rest.people.everything() == before
