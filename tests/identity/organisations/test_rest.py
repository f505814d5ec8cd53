"""The REST face: every route demands what it says, shows each caller her own only, and takes nothing that it does not name."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from renga.domains.identity.clients.seed_clients import seed_clients
from renga.domains.identity.contract import NewKey
from renga.kernel.caller import Caller
from renga.platform.http.gate import declared, handlers_of
from tests.identity.accounts.people import HOME
from tests.identity.organisations.house import SECRET, House, acting
from tests.identity.organisations.rest import EVERY, Rest

ADDRESS = {
    "name": "Ana Souza",
    "line1": "Rua das Laranjeiras, 120",
    "city": "Rio de Janeiro",
    "region": "RJ",
    "postal_code": "22240003",
    "country": "BR",
}
ROUTES = 74
KEY = {"name": "import", "scopes": ["cart"]}
MERCHANT_KEY = {"name": "import", "scopes": ["catalog:write"]}
NEW_CLIENT = {"id": "prices", "name": "Prices", "redirect_uris": ["https://p.example/cb"], "scopes": ["openid"]}

#: A good body for every route that takes one.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", "/me"): {"name": "Ana"},
    ("POST", "/me/addresses"): {"address": ADDRESS},
    ("PUT", "/me/addresses/{address_id}"): {"address": ADDRESS},
    ("PUT", "/me/password"): {"old": "x", "new": "y"},
    ("POST", "/me/totp/confirm"): {"code": "123456"},
    ("POST", "/me/totp/remove"): {"code": "123456"},
    ("POST", "/me/passkeys"): {"credential": {}, "name": "Phone"},
    ("POST", "/merchants"): {"name": "Vale", "slug": "vale"},
    ("PATCH", "/merchants/{merchant_id}"): {"name": "Taken over"},
    ("PUT", "/merchants/{merchant_id}/members"): {"email": "eva@example.com", "role": "owner"},
    ("PUT", "/merchants/{merchant_id}/invitations"): {"email": "eva@example.com", "role": "owner"},
    ("POST", "/me/invitations/accept"): {"link": "0" * 64},
    ("POST", "/api-keys"): KEY,
    ("POST", "/api-keys/{key_id}/rotate"): {"overlap_s": 0},
    ("POST", "/merchants/{merchant_id}/api-keys"): MERCHANT_KEY,
    ("POST", "/merchants/{merchant_id}/api-keys/{key_id}/rotate"): {"overlap_s": 0},
    ("POST", "/clients"): NEW_CLIENT,
    ("PUT", "/me/buyer/tax-id"): {"country": "BR", "tax_id": "11.222.333/0001-81"},
    ("PUT", "/merchants/{merchant_id}/customer-groups/{group}"): {"name": {"en": "Trade"}},
    ("PUT", "/merchants/{merchant_id}/customer-groups/{group}/customers"): {"email": "eva@example.com"},
    ("PUT", "/admin/customer-groups/{group}"): {"name": {"en": "Trade"}},
    ("PUT", "/admin/accounts/{account_id}/buyer/groups"): {"groups": ["trade"]},
    ("PUT", "/admin/accounts/{account_id}/buyer/tax-verification"): {"tax_id": "11222333000181"},
    ("PUT", "/admin/accounts/{account_id}/buyer/exemption"): {"certificate": "EX-1"},
    ("PUT", "/admin/accounts/{account_id}/lock"): {"reason": "a ticket"},
    ("PUT", "/admin/merchants/{merchant_id}/rejection"): {"reason": "a ticket"},
}


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


@pytest.fixture
async def eva(rest: Rest) -> str:
    account_id = await rest.house.person("eva", "customer")
    rest.let("eva", account_id)
    return account_id


def routes_of(rest: Rest) -> list[tuple[str, str]]:
    """Every method and path below ``/v1/identity``."""
    found = [(method, path) for path, method, _ in handlers_of(rest.app) if path.startswith("/v1/identity")]
    return [(method, path.removeprefix("/v1/identity").replace(":str", "")) for method, path in found]


async def test_every_route_declares_its_scope_and_its_objects(rest: Rest) -> None:
    for path, method, handler in handlers_of(rest.app):
        if path.startswith("/v1/identity"):
            access, _ = declared(handler, method)
            assert len(access.scopes) == 1, path
            assert access.objects, path
            assert not access.guest, path
    assert len(routes_of(rest)) == ROUTES


async def test_every_route_refuses_nobody_and_who_lacks_its_scope(rest: Rest, ana: str) -> None:
    rest.let("poor", ana, frozenset({"openid"}))
    before = await rest.people.everything()
    for method, path in routes_of(rest):
        body = BODIES.get((method, path))
        filled = path.format(session_id="s", address_id="a", passkey_id="p", merchant_id="m", account_id="a", group="g",
                             invitation_id="i", key_id="k", client_id="storefront") if "{" in path else path  # fmt: skip
        answer = await rest.ask("", method, filled, body)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), path
        answer = await rest.ask("poor", method, filled, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope"), path
    assert await rest.people.everything() == before


async def test_what_is_another_ones_does_not_exist(rest: Rest, ana: str, eva: str) -> None:
    house = rest.house
    await house.person("bruno")
    hers = (await rest.ask("ana", "POST", "/merchants", {"name": "Serra", "slug": "serra"})).json()["id"]
    await rest.ask("eva", "POST", "/merchants", {"name": "Vale", "slug": "vale"})
    bruno = await house.join(ana, hers, "bruno", "clerk")
    address = (await rest.ask("ana", "POST", "/me/addresses", {"address": ADDRESS})).json()["id"]
    key = (await rest.ask("ana", "POST", "/api-keys", KEY)).json()["info"]["id"]
    shared = (await rest.ask("ana", "POST", f"/merchants/{hers}/api-keys", MERCHANT_KEY)).json()["info"]["id"]
    await house.clients.consent(Caller(ana), "demo-spa", ["cart"])
    rest.browsers.log_in(ana, "browser-of-ana")
    ids = {"merchant_id": hers, "account_id": bruno, "address_id": address, "session_id": "browser-of-ana"}
    ids["invitation_id"] = (
        await house.merchants.invite(Caller(ana), hers, "caio@example.com", "clerk", origin=HOME)
    ).id
    merchants = {
        f"{method} {path}"
        for method, path in routes_of(rest)
        if "{merchant_id}" in path and not path.startswith("/admin/")
    }
    #: What asking for another one's object answers; those with 204 find nothing of the caller's and change nothing.
    expected = dict.fromkeys(merchants, (404, "merchant_not_found")) | {
        "DELETE /me/sessions/{session_id}": (404, "session_not_found"),
        "PUT /me/addresses/{address_id}": (404, "address_not_found"),
        "DELETE /me/addresses/{address_id}": (204, None),
        "DELETE /me/passkeys/{passkey_id}": (204, None),
        "POST /api-keys/{key_id}/rotate": (404, "api_key_not_found"),
        "DELETE /api-keys/{key_id}": (404, "api_key_not_found"),
        "DELETE /me/consents/{client_id}": (204, None),
        "DELETE /me/merchants/{merchant_id}": (404, "merchant_not_found"),
        "DELETE /me/buyer/groups/{group}": (204, None),
    }
    # clients are the administrators', all of them, and so is what stands below /admin
    objects = {f"{m} {p}" for m, p in routes_of(rest) if "{" in p and not p.startswith(("/clients", "/admin/"))}
    assert set(expected) == objects
    before = await rest.people.everything()
    for name in sorted(expected):
        method, _, path = name.partition(" ")
        key_id = shared if "{merchant_id}" in path else key
        filled = path.format(**ids, key_id=key_id, client_id="demo-spa", passkey_id="cGFzc2tleQ", group="cafes")
        answer = await rest.ask("eva", method, filled, BODIES.get((method, path)))
        code = answer.json()["code"] if answer.content else None
        assert (answer.status_code, code) == expected[name], name
    assert await rest.people.everything() == before
    assert len(await rest.browsers.of_account(ana)) == 1


async def test_lists_show_the_callers_own_only(rest: Rest, ana: str, eva: str) -> None:
    await rest.ask("ana", "POST", "/merchants", {"name": "Serra", "slug": "serra"})
    await rest.ask("ana", "POST", "/me/addresses", {"address": ADDRESS})
    await rest.ask("ana", "POST", "/api-keys", KEY)
    await rest.house.clients.consent(Caller(ana), "demo-spa", ["cart"])
    rest.browsers.log_in(ana, "browser-of-ana")
    for path in (
        "/merchants",
        "/me/merchants",
        "/me/addresses",
        "/api-keys",
        "/me/consents",
        "/me/sessions",
        "/me/passkeys",
    ):
        assert (await rest.ask("eva", "GET", path)).json() == {"items": []}, path
    assert (await rest.ask("eva", "GET", "/me/audit")).json() == {"items": [], "next": None}
    for path in ("/merchants", "/me/addresses", "/api-keys", "/me/consents", "/me/sessions"):
        assert len((await rest.ask("ana", "GET", path)).json()["items"]) == 1, path
    assert (await rest.ask("eva", "GET", "/me")).json()["id"] == eva


async def test_a_scope_reaches_the_keys_of_its_own_place_only(rest: Rest, ana: str) -> None:
    hers = (await rest.ask("ana", "POST", "/merchants", {"name": "Serra", "slug": "serra"})).json()["id"]
    own = (await rest.ask("ana", "POST", "/api-keys", KEY)).json()["info"]["id"]
    shared = (await rest.ask("ana", "POST", f"/merchants/{hers}/api-keys", MERCHANT_KEY)).json()["info"]["id"]
    for path in (f"/api-keys/{shared}", f"/merchants/{hers}/api-keys/{own}"):
        assert (await rest.ask("ana", "DELETE", path)).status_code == 404
        assert (await rest.ask("ana", "POST", f"{path}/rotate", {})).status_code == 404
    assert [key.revoked for key in await rest.house.keys.of_owner(acting(ana), None)] == [False]
    assert [key.revoked for key in await rest.house.keys.of_owner(acting(ana), hers)] == [False]


async def test_no_body_takes_a_member_that_it_does_not_name(rest: Rest, ana: str) -> None:
    taken = {method for method, _ in BODIES}
    assert {one for one in routes_of(rest) if one[0] in taken} - set(BODIES) == {
        ("POST", "/me/totp"),
        ("POST", "/me/passkeys/options"),
        ("PUT", "/admin/merchants/{merchant_id}/approval"),
    }
    extra = {
        "id": "x", "account_id": "x", "stakeholders": ["admin"], "email_verified": True, "merchant_id": "x",
        "secret_hashed": "00", "revoked": False, "created_at": "x", "is_admin": True,
    }  # fmt: skip
    before = await rest.people.everything()
    for (method, path), body in BODIES.items():
        for name, value in extra.items():
            if name in body:
                continue
            answer = await rest.ask("ana", method, path.format_map(_Any()), body | {name: value})
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), (path, name)
    nested: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/me/addresses", {"address": ADDRESS | {"id": "x"}}),
        ("POST", "/api-keys", KEY | {"limit": {"per_minute": 1, "burst": 1, "unlimited": True}}),
        ("POST", "/api-keys", {"name": "x", "scopes": "cart"}),
        ("POST", "/clients", NEW_CLIENT | {"auth_method": "tls_client_auth"}),
        ("PUT", "/merchants/x/members", {"email": "eva@example.com", "role": "admin"}),
    ]
    for method, path, body in nested:
        assert (await rest.ask("ana", method, path, body)).status_code == 400, path
    assert await rest.people.everything() == before


class _Any(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "x"


SENSITIVE = [
    ("DELETE", "/me"),
    ("GET", "/me/export"),
    ("PUT", "/me/password"),
    ("POST", "/me/totp"),
    ("POST", "/me/totp/confirm"),
    ("POST", "/me/totp/remove"),
    ("POST", "/me/passkeys/options"),
    ("POST", "/me/passkeys"),
    ("DELETE", "/me/passkeys/{passkey_id}"),
    ("POST", "/api-keys"),
    ("POST", "/api-keys/{key_id}/rotate"),
    ("POST", "/merchants/{merchant_id}/api-keys"),
    ("POST", "/merchants/{merchant_id}/api-keys/{key_id}/rotate"),
]


@pytest.mark.parametrize(
    "proof",
    [
        {"kind": "api_key", "key_id": "aaaaaaaa", "client_id": None},
        {"kind": "token", "client_id": "demo-spa"},
        {"kind": "token", "client_id": "gone"},
        {"kind": "token", "client_id": None},
    ],
)
async def test_a_key_or_anothers_application_cannot_take_an_account_over(
    rest: Rest, ana: str, proof: dict[str, Any]
) -> None:
    rest.let("app", ana, **proof)
    before = await rest.people.everything()
    for method, path in SENSITIVE:
        answer = await rest.ask("app", method, path.format_map(_Any()), BODIES.get((method, path)))
        assert (answer.status_code, answer.json()["code"]) == (403, "first_party_only"), path
    assert await rest.people.everything() == before
    assert (await rest.ask("app", "GET", "/me")).status_code == 200


async def test_a_key_gets_no_scope_that_the_token_of_its_maker_lacks(rest: Rest, ana: str) -> None:
    rest.let("narrow", ana, frozenset({"account", "cart"}))
    answer = await rest.ask("narrow", "POST", "/api-keys", {"name": "x", "scopes": ["cart", "orders"]})
    assert (answer.status_code, answer.json()["code"], answer.json()["scope"]) == (403, "scope_not_allowed", "orders")
    assert await rest.house.rows("api_keys") == 0
    assert (await rest.ask("narrow", "POST", "/api-keys", {"name": "x", "scopes": ["cart"]})).status_code == 201


async def test_a_key_lives_over_http(rest: Rest, ana: str) -> None:
    body = {"name": "import", "scopes": ["cart"], "life_s": 3600, "limit": {"per_minute": 60, "burst": 5}}
    answer = await rest.ask("ana", "POST", "/api-keys", body)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store, private"
    made = msgspec.convert(answer.json(), NewKey)
    assert await rest.house.keys.check(made.key) == made.info
    listed = await rest.ask("ana", "GET", "/api-keys")
    assert listed.json() == {"items": [answer.json()["info"]]}
    assert made.key not in listed.text
    rotated = await rest.ask("ana", "POST", f"/api-keys/{made.info.id}/rotate", {"overlap_s": 60})
    assert rotated.status_code == 201
    successor = msgspec.convert(rotated.json(), NewKey)
    assert (await rest.house.keys.check(made.key)) is not None
    assert (await rest.ask("ana", "DELETE", f"/api-keys/{successor.info.id}")).status_code == 204
    assert await rest.house.keys.check(successor.key) is None
    again = await rest.ask("ana", "POST", f"/api-keys/{made.info.id}/rotate", {})
    assert (again.status_code, again.json()["code"]) == (409, "api_key_not_active")


@pytest.mark.parametrize(
    ("path", "body", "table"),
    [
        ("/merchants", {"name": "Serra", "slug": "serra"}, "merchants"),
        ("/api-keys", KEY, "api_keys"),
        ("/clients", NEW_CLIENT | {"id": ""}, "clients"),
        ("/me/addresses", {"address": ADDRESS}, "addresses"),
    ],
)
async def test_a_retried_creation_happens_once_also_when_all_retries_come_at_once(
    rest: Rest, ana: str, path: str, body: dict[str, Any], table: str
) -> None:
    before = await rest.house.rows(table)
    answers = await asyncio.gather(*(rest.ask("ana", "POST", path, body, idempotency_key='"k-1"') for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await rest.house.rows(table) == before + 1


async def test_a_key_of_another_request_is_refused_and_a_bad_one_too(rest: Rest, ana: str) -> None:
    await rest.ask("ana", "POST", "/api-keys", KEY, idempotency_key="k-1")
    other = await rest.ask("ana", "POST", "/api-keys", KEY | {"name": "other"}, idempotency_key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    for bad in ("", '""', "a" * 256, "\x01"):
        assert (await rest.ask("ana", "POST", "/api-keys", KEY, idempotency_key=bad)).status_code == 400, bad
    assert await rest.house.rows("api_keys") == 1


async def test_a_clients_hash_is_never_shown(rest: Rest, ana: str) -> None:
    body = {
        "name": "Importer",
        "grant_types": ["client_credentials"],
        "scopes": ["catalog:write"],
        "auth_method": "client_secret_basic",
    }
    made = await rest.ask("ana", "POST", "/clients", body)
    assert made.status_code == 201
    assert len(made.json()["secret"]) == 43
    client_id = made.json()["client"]["id"]
    assert made.headers["location"] == f"/v1/identity/clients/{client_id}"
    hashed = (await rest.house.clients.find(client_id)).secret_hashed
    assert hashed is not None
    for answer in (
        made,
        await rest.ask("ana", "GET", "/clients"),
        await rest.ask("ana", "GET", f"/clients/{client_id}"),
    ):
        assert hashed not in answer.text
        assert "secret_hashed" not in answer.text
    assert (await rest.ask("ana", "DELETE", f"/clients/{client_id}")).status_code == 204
    gone = await rest.ask("ana", "GET", f"/clients/{client_id}")
    assert (gone.status_code, gone.json()["code"]) == (404, "client_not_found")


async def test_a_client_chooses_the_algorithm_of_its_id_tokens(rest: Rest, ana: str) -> None:
    for said, chosen in (("RS256", None), ("RS256", "RS256"), ("ES256", "ES256")):
        body = NEW_CLIENT | {"id": ""} | ({} if chosen is None else {"id_token_signed_response_alg": chosen})
        made = await rest.ask("ana", "POST", "/clients", body)
        assert (made.status_code, made.json()["client"]["id_token_signed_response_alg"]) == (201, said)
        read = await rest.ask("ana", "GET", f"/clients/{made.json()['client']['id']}")
        assert read.json()["id_token_signed_response_alg"] == said
    for refused in ("none", "HS256", "", None, 5):
        answer = await rest.ask("ana", "POST", "/clients", NEW_CLIENT | {"id_token_signed_response_alg": refused})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), refused


async def test_a_person_changes_her_name_and_language_and_nothing_else(rest: Rest, ana: str) -> None:
    answer = await rest.ask("ana", "PATCH", "/me", {"name": "  Ana  Souza ", "language": "pt"})
    assert (answer.status_code, answer.json()["name"], answer.json()["language"]) == (200, "Ana Souza", "pt-BR")
    assert (await rest.ask("ana", "PATCH", "/me", {})).json() == answer.json()
    assert (await rest.ask("ana", "PATCH", "/me", {"name": ""})).status_code == 422
    assert (await rest.ask("ana", "GET", "/me")).json() == answer.json()
    assert await rest.house.trail() == ["client_registered"] * 3 + ["profile_changed"]


async def test_sessions_are_listed_and_ended(rest: Rest, ana: str) -> None:
    for name in ("one", "two", "three"):
        rest.browsers.log_in(ana, name)
    rest.let("here", ana, kind="session", session_id="two", client_id=None)
    listed = (await rest.ask("here", "GET", "/me/sessions")).json()["items"]
    assert [(one["id"], one["current"]) for one in listed] == [("one", False), ("two", True), ("three", False)]
    assert "csrf" not in listed[0]


async def test_everything_about_a_person_is_exported_and_erased(rest: Rest, ana: str) -> None:
    hers = (await rest.ask("ana", "POST", "/merchants", {"name": "Serra", "slug": "serra"})).json()["id"]
    made = await rest.house.keys.create(
        acting(ana), "mine", ["catalog:write"], merchant_id=hers, life_s=None, limit=None
    )
    await rest.house.clients.consent(Caller(ana), "demo-spa", ["cart"])
    exported = (await rest.ask("ana", "GET", "/me/export")).json()
    found = exported["organisations"]
    assert [one["name"] for one in found["memberships"]] == ["Serra"]
    assert [(one["id"], one["name"]) for one in found["api_keys"]] == [(made.info.id, "mine")]
    assert [one["client_id"] for one in found["consents"]] == ["demo-spa"]
    assert (await rest.ask("ana", "DELETE", "/me")).status_code == 204
    rest.house.clock.advance(seconds=5)
    assert await rest.house.keys.check(made.key) is None
    assert (await rest.house.rows("members"), await rest.house.rows("consents")) == (0, 0)
    assert await rest.house.pool.fetchval("SELECT closed_ms IS NOT NULL FROM identity.merchants")
    assert await rest.house.pool.fetchval("SELECT name FROM identity.api_keys") == ""


async def test_who_alone_owns_a_merchant_with_others_hands_it_over_before_she_is_erased(rest: Rest, ana: str) -> None:
    await rest.house.person("bruno")
    hers = (await rest.ask("ana", "POST", "/merchants", {"name": "Serra", "slug": "serra"})).json()["id"]
    await rest.house.join(ana, hers, "bruno", "clerk")
    before = await rest.people.everything()
    answer = await rest.ask("ana", "DELETE", "/me")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    assert await rest.people.everything() == before
    await rest.house.merchants.set_member(Caller(ana), hers, "bruno@example.com", "owner")
    assert (await rest.ask("ana", "DELETE", "/me")).status_code == 204
    assert await rest.house.rows("members") == 1


async def test_every_body_has_an_example_and_every_operation_its_problems(rest: Rest) -> None:
    document = msgspec.to_builtins(rest.app.openapi_schema.to_schema())
    ids = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            ids.append(operation["operationId"])
            assert "401" in operation["responses"], (method, path)
            if "requestBody" in operation:
                content = operation["requestBody"]["content"]["application/json"]
                assert content["schema"]["examples"], (method, path)
    assert len(set(ids)) == len(ids) == ROUTES
    assert {"account", "merchant", "identity:admin", "audit:read"} <= EVERY


async def test_an_administrator_sees_locks_and_logs_out(rest: Rest, ana: str) -> None:
    ada = await rest.house.person("ada", "admin")
    rest.let("ada", ada)
    listed = (await rest.ask("ada", "GET", "/admin/accounts?email=ANA@example.com")).json()["items"]
    assert [(one["account"]["id"], one["locked_at"]) for one in listed] == [(ana, None)]
    first = (await rest.ask("ada", "GET", "/admin/accounts?limit=1")).json()
    assert first["next"] == first["items"][0]["account"]["id"]
    second = (await rest.ask("ada", "GET", f"/admin/accounts?limit=1&cursor={first['next']}")).json()
    assert second["items"][0]["account"]["id"] < first["next"]
    refused = await rest.ask("ada", "GET", "/admin/accounts?stakeholder=queen")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")
    own = await rest.ask("ada", "PUT", f"/admin/accounts/{ada}/lock", {"reason": "x"})
    assert (own.status_code, own.json()["code"]) == (409, "own_account")
    locked = await rest.ask("ada", "PUT", f"/admin/accounts/{ana}/lock", {"reason": "a ticket"})
    assert (locked.status_code, locked.json()["locked_at"] is None) == (200, False)
    assert (await rest.ask("ada", "GET", f"/admin/accounts/{ana}")).json() == locked.json()
    assert (await rest.ask("ada", "DELETE", f"/admin/accounts/{ana}/lock")).status_code == 204
    assert (await rest.ask("ada", "DELETE", f"/admin/accounts/{ana}/sessions")).status_code == 204
    assert rest.people.ended == [(ana, None), (ana, None)]
    await rest.ask("ana", "POST", "/merchants", {"name": "Serra", "slug": "serra"})
    (found,) = (await rest.ask("ada", "GET", "/admin/merchants")).json()["items"]
    assert (found["merchant"]["slug"], found["members"]) == ("serra", 1)
    gone = await rest.ask("ada", "GET", "/admin/accounts/x")
    assert (gone.status_code, gone.json()["code"]) == (404, "account_not_found")


async def test_an_empty_cursor_is_no_cursor_and_out_of_the_schema(rest: Rest, ana: str) -> None:
    rest.let("ada", await rest.house.person("ada", "admin"))
    for path in ("/admin/accounts", "/admin/merchants", "/audit", "/me/audit"):
        answer = await rest.ask("ada", "GET", f"{path}?cursor=")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), path
    document = msgspec.to_builtins(rest.app.openapi_schema.to_schema())
    cursors = [
        one["schema"]
        for methods in document["paths"].values()
        for operation in methods.values()
        for one in operation.get("parameters", [])
        if one["name"] == "cursor"
    ]
    assert len(cursors) == 4
    assert all("minLength" in str(one) for one in cursors)


async def test_what_is_wrong_with_an_address_is_named_by_its_place_in_the_body(rest: Rest, ana: str) -> None:
    for method, path in (("POST", "/me/addresses"), ("PUT", "/me/addresses/any")):
        answer = await rest.ask("ana", method, path, {"address": ADDRESS | {"country": "Brazil"}})
        found = (answer.status_code, answer.json()["code"], answer.json()["field"])
        assert found == (422, "address_invalid", "address.country")


@pytest.mark.parametrize(("client_id", "status"), [("a%20b%20c", 204), ("%20", 204), ("a%00b", 400)])
async def test_withdrawing_a_consent_that_nobody_can_have_given_ends_nothing(
    rest: Rest, ana: str, client_id: str, status: int
) -> None:
    answer = await rest.ask("ana", "DELETE", f"/me/consents/{client_id}")
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("path", ["/api-keys/{}", "/clients/{}"])
async def test_an_id_with_a_character_that_is_not_kept_is_a_mistake_of_the_caller(
    rest: Rest, ana: str, path: str
) -> None:
    answer = await rest.ask("ana", "DELETE", path.format("a%00b"))
    assert answer.status_code in (400, 404), answer.text


async def test_a_cursor_that_no_list_made_is_named(rest: Rest, ana: str) -> None:
    answer = await rest.ask("ana", "GET", "/me/audit?cursor=first")
    assert (answer.status_code, answer.json()["field"]) == (400, "cursor")
