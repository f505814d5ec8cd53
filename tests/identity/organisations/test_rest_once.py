"""Every POST of identity's REST face with an Idempotency-Key: once, the first answer again, and never for another request."""

from collections.abc import AsyncIterator
from typing import Any

import pyotp
import pytest

from renga.domains.identity.clients.seed_clients import seed_clients
from renga.kernel.caller import Caller
from tests.identity.accounts.authenticator import Authenticator
from tests.identity.accounts.people import ORIGIN
from tests.identity.organisations.house import SECRET, House
from tests.identity.organisations.rest import Rest
from tests.identity.organisations.test_rest import ADDRESS

REPLAYED = "idempotency-replayed"


@pytest.fixture
async def rest(house: House) -> AsyncIterator[Rest]:
    rest = Rest(house)
    await seed_clients(house.clients, "http://127.0.0.1:8000", SECRET)
    yield rest
    await rest.http.aclose()
    rest.people.passwords.close()


@pytest.fixture
async def ana(rest: Rest) -> str:
    account_id = await rest.house.person("ana", "customer")
    rest.let("ana", account_id)
    return account_id


async def _twice(rest: Rest, path: str, body: Any, key: str = "k-1") -> Any:
    """The answer; that the second one is it again is asserted."""
    first = await rest.ask("ana", "POST", path, body, idempotency_key=key)
    again = await rest.ask("ana", "POST", path, body, idempotency_key=key)
    assert first.status_code < 300, first.text
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert first.headers.get("location") == again.headers.get("location")
    assert (first.headers.get(REPLAYED), again.headers.get(REPLAYED)) == (None, "true")
    return first.json() if first.content else None


async def _conflict(rest: Rest, path: str, body: Any, key: str = "k-1") -> None:
    answer = await rest.ask("ana", "POST", path, body, idempotency_key=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_conflict"), answer.text


async def _code(rest: Rest, secret: str) -> str:
    rest.people.clock.advance(seconds=30)
    return rest.people.code(pyotp.TOTP(secret))


async def _stored(rest: Rest) -> bytes:
    rows = await rest.house.pool.fetch("SELECT id, fingerprint, answer FROM identity.idempotency")
    return b"".join(bytes(part) for row in rows for part in row)


async def test_an_address(rest: Rest, ana: str) -> None:
    saved = await _twice(rest, "/me/addresses", {"address": ADDRESS})
    await rest.accounts.remove_address(Caller(ana), saved["id"])
    assert await _twice_more(rest, "/me/addresses", {"address": ADDRESS}) == saved
    assert await rest.accounts.addresses(Caller(ana)) == ()
    await _conflict(rest, "/me/addresses", {"address": ADDRESS | {"city": "Niterói"}})


async def _twice_more(rest: Rest, path: str, body: Any) -> Any:
    answer = await rest.ask("ana", "POST", path, body, idempotency_key="k-1")
    assert answer.headers[REPLAYED] == "true"
    return answer.json()


async def test_the_secret_of_an_authenticator_is_answered_again_and_lies_sealed(rest: Rest, ana: str) -> None:
    enrolment = await _twice(rest, "/me/totp", None)
    assert enrolment["secret"].encode() not in await _stored(rest)
    other = (await rest.ask("ana", "POST", "/me/totp", idempotency_key="k-2")).json()
    assert other["secret"] != enrolment["secret"]
    await _conflict(rest, "/me/totp", {"something": "else"})
    # the first answer stays the first answer, but what is pending is the second
    codes = await rest.ask("ana", "POST", "/me/totp/confirm", {"code": await _code(rest, other["secret"])})
    assert codes.status_code == 200


async def test_recovery_codes_are_answered_again_and_lie_sealed(rest: Rest, ana: str) -> None:
    secret = (await rest.ask("ana", "POST", "/me/totp")).json()["secret"]
    code = await _code(rest, secret)
    wrong = await rest.ask("ana", "POST", "/me/totp/confirm", {"code": "000000"}, idempotency_key="k-0")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "second_factor_refused")
    codes = (await _twice(rest, "/me/totp/confirm", {"code": code}))["recovery_codes"]
    assert len(codes) == 10
    stored = await _stored(rest)
    assert not any(one.encode() in stored for one in codes)
    await _conflict(rest, "/me/totp/confirm", {"code": "999999"})
    # a key whose request was refused is free
    later = await rest.ask("ana", "POST", "/me/totp/remove", {"code": codes[0]}, idempotency_key="k-0")
    assert later.status_code == 204


async def test_an_authenticator_is_removed_once(rest: Rest, ana: str) -> None:
    secret = (await rest.ask("ana", "POST", "/me/totp")).json()["secret"]
    await rest.ask("ana", "POST", "/me/totp/confirm", {"code": await _code(rest, secret)})
    await _twice(rest, "/me/totp/remove", {"code": await _code(rest, secret)})
    await _conflict(rest, "/me/totp/remove", {"code": "000000"})
    assert (await rest.people.actions(ana)).count("second_factor_removed") == 1


async def test_the_options_of_a_passkey_are_answered_again(rest: Rest, ana: str) -> None:
    options = await _twice(rest, "/me/passkeys/options", None)
    assert Authenticator(ORIGIN).create(options)
    await _conflict(rest, "/me/passkeys/options", {"something": "else"})


async def test_a_passkey_is_kept_once(rest: Rest, ana: str) -> None:
    options = (await rest.ask("ana", "POST", "/me/passkeys/options")).json()
    credential = Authenticator(ORIGIN).create(options)
    await _twice(rest, "/me/passkeys", {"credential": credential, "name": "Phone"})
    await _conflict(rest, "/me/passkeys", {"credential": credential, "name": "Laptop"})
    without = await rest.ask("ana", "POST", "/me/passkeys", {"credential": credential, "name": "Phone"})
    assert (without.status_code, without.json()["code"]) == (401, "passkey_refused")
    assert [one.name for one in await rest.accounts.passkeys(Caller(ana))] == ["Phone"]


async def test_creations_say_that_they_are_replayed(rest: Rest, ana: str) -> None:
    merchant = await _twice(rest, "/merchants", {"name": "Vale", "slug": "vale"})
    assert merchant["slug"] == "vale"
    made = await _twice(rest, "/api-keys", {"name": "import", "scopes": ["cart"]}, "k-2")
    await _twice(rest, f"/api-keys/{made['info']['id']}/rotate", {"overlap_s": 0}, "k-3")
    client = {"id": "prices", "name": "Prices", "redirect_uris": ["https://p.example/cb"], "scopes": ["openid"]}
    await _twice(rest, "/clients", client, "k-4")
