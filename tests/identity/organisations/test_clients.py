"""OAuth clients: what may be registered, their secrets, consents, and that their tokens end with them."""

import asyncio
import base64
from typing import Any

import msgspec
import pytest
from joserfc.jwk import ECKey, OctKey

from renga.domains.identity.clients.model import checked_client, checked_client_id, checked_redirect_uri
from renga.domains.identity.clients.seed_clients import demo_clients, demo_secret, seed_clients
from renga.domains.identity.contract import (
    AccountNotFound,
    Client,
    ClientIdTaken,
    ClientInvalid,
    ClientNotFound,
    Consent,
    TooMany,
)
from renga.domains.identity.oauth.model.redirects import belongs
from renga.kernel.caller import ANONYMOUS, Caller, InsufficientScope
from renga.kernel.errors import RengaError, Unauthenticated, Unavailable
from tests.identity.organisations.house import ADMIN, SECRET, House, once
from tests.modules import GRANTS

SPA = Client(id="spa", name="A SPA", redirect_uris=("https://spa.example/cb",), scopes=("openid", "cart"))
SERVICE = Client(
    id="importer",
    name="Importer",
    grant_types=("client_credentials",),
    scopes=("catalog:write",),
    auth_method="client_secret_basic",
)


def changed(client: Client, **more: Any) -> Client:
    return msgspec.structs.replace(client, **more)


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/callback",
        "https://app.example",
        "https://app.example:8443/cb?tenant=a&x=%2F",
        "https://203.0.113.7/cb",
        "http://127.0.0.1:5173/cb",
        "http://127.0.0.1/cb",
        "http://[::1]:9000/cb",
        "http://localhost:3000/cb",
        "com.example.app:/oauth",
        "br.com.exemplo.app:/volta/aqui",
        "https://xn--caf-dma.example/cb",
    ],
)
def test_a_good_redirect_address_is_taken_and_matched_exactly(uri: str) -> None:
    assert checked_redirect_uri(uri) == uri
    assert belongs(uri, (uri,))
    for other in (uri + "/", uri + "?a=b", uri + "#", uri.upper(), uri + " ", uri[:-1], uri.replace(":", ":/", 1)):
        assert not belongs(other, (uri,))


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/callback",
        "//app.example/cb",
        "app.example/cb",
        "http://app.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.2/cb",
        "http://0.0.0.0/cb",
        "http://localhost.evil.example/cb",
        "http://[::1%25eth0]/cb",
        "http://[::ffff:127.0.0.1]/cb",
        "http://2130706433/cb",
        "https://2130706433/cb",
        "https://0x7f.1/cb",
        "https://127.1/cb",
        "https://app.example/cb#",
        "https://app.example/cb#fragment",
        "https://user@app.example/cb",
        "https://app.example@evil.example/cb",
        "https://app.example:pass@evil.example/cb",
        "https://*.example/cb",
        "https://app.example/*",
        "https://app.example/a/../cb",
        "https://app.example/a/%2e%2E/cb",
        "https://app.example/./cb",
        "https://app.example\\@evil.example/cb",
        "https://app.example/\\evil",
        "https:\\\\app.example/cb",
        "https:app.example/cb",
        "https:/app.example/cb",
        "https:///app.example/cb",
        "https://",
        "https://:443/cb",
        "https://app.example:/cb",
        "https://app.example:0/cb",
        "https://app.example:99999/cb",
        "https://app.example:٨٠/cb",
        "https://app..example/cb",
        "https://.example/cb",
        "https://-app.example/cb",
        "https://app_.example/cb",
        "https://ap%70.example/cb",
        "https://APP.example/cb",
        "HTTPS://app.example/cb",
        "https://café.example/cb",
        "https://app.example/cb\n",
        "https://app.example/\tcb",
        " https://app.example/cb",
        "https://app.example/c b",
        'https://app.example/"><script>',
        "https://app.example/cb\x00",
        "https://app.example/" + "a" * 2_000,
        "javascript:alert(1)",
        "javascript://app.example/%0aalert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://app.example/cb",
        "blob:https://app.example/1",
        "myapp:/cb",
        "myapp://cb",
        "com.example.app://cb",
        "com.example.app:cb",
        "com.example.app:",
        "com..app:/cb",
        ".com.app:/cb",
        "urn:ietf:wg:oauth:2.0:oob",
        "about:blank",
    ],
)
def test_a_nasty_redirect_address_is_refused(uri: str) -> None:
    with pytest.raises(ClientInvalid) as refused:
        checked_redirect_uri(uri)
    assert refused.value.extra == {"field": "redirect_uris"}
    with pytest.raises(ClientInvalid):
        checked_client(changed(SPA, redirect_uris=(uri,)), GRANTS)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "rs256", "ES384", "PS256", ""])
def test_id_tokens_are_signed_with_what_is_offered(algorithm: Any) -> None:
    with pytest.raises(ClientInvalid) as refused:
        checked_client(changed(SPA, id_token_signed_response_alg=algorithm), GRANTS)
    assert refused.value.extra == {"field": "id_token_signed_response_alg"}
    assert checked_client(SPA, GRANTS).id_token_signed_response_alg == "RS256"
    assert checked_client(changed(SPA, id_token_signed_response_alg="ES256"), GRANTS) != SPA


def _rsa(bits: int) -> dict[str, Any]:
    """A key of this many bits; whether its modulus is a product of primes, nobody can tell."""
    modulus = base64.urlsafe_b64encode((1 << bits - 1 | 1).to_bytes(bits // 8, "big")).decode().rstrip("=")
    return {"kty": "RSA", "e": "AQAB", "n": modulus}


_EC = dict(ECKey.generate_key("P-256", {"kid": "one"}).as_dict(private=False))


@pytest.mark.parametrize(
    ("field", "client"),
    [
        ("name", changed(SPA, name=" ")),
        ("name", changed(SPA, name="a\nb")),
        ("secret_hashed", changed(SERVICE, secret_hashed="00")),
        ("account_id", changed(SERVICE, account_id="ana")),
        ("grant_types", changed(SPA, grant_types=())),
        ("grant_types", changed(SPA, grant_types=("password",))),
        ("grant_types", changed(SPA, grant_types=("implicit", "authorization_code"))),
        ("grant_types", changed(SPA, grant_types=("refresh_token",))),
        ("grant_types", changed(SERVICE, grant_types=("client_credentials", "authorization_code"))),
        ("auth_method", changed(SERVICE, auth_method="none")),
        ("auth_method", changed(SERVICE, first_party=True)),
        ("scopes", changed(SPA, scopes=("openid", "carts:any"))),
        ("scopes", changed(SPA, scopes=("no:such",))),
        ("scopes", changed(SERVICE, scopes=("account",))),
        ("scopes", changed(SERVICE, scopes=("identity:admin",))),
        ("redirect_uris", changed(SPA, redirect_uris=())),
        ("redirect_uris", changed(SERVICE, redirect_uris=("https://a.example/cb",))),
        ("redirect_uris", changed(SPA, redirect_uris=("https://a.example/cb", "https://a.example/cb"))),
        ("redirect_uris", changed(SPA, redirect_uris=tuple(f"https://a.example/{n}" for n in range(21)))),
        ("post_logout_redirect_uris", changed(SPA, post_logout_redirect_uris=("http://evil.example/",))),
        ("jwks", changed(SPA, jwks={"keys": [_EC]})),
        ("jwks", changed(SERVICE, auth_method="private_key_jwt")),
        ("jwks", changed(SERVICE, auth_method="private_key_jwt", jwks={})),
        ("jwks", changed(SERVICE, auth_method="private_key_jwt", jwks={"keys": []})),
        ("jwks", changed(SERVICE, auth_method="private_key_jwt", jwks={"keys": ["x"]})),
        ("jwks", changed(SERVICE, auth_method="private_key_jwt", jwks={"keys": [_EC], "more": 1})),
        ("jwks", changed(SERVICE, auth_method="private_key_jwt", jwks={"keys": [{**_EC, "d": "AAAA"}]})),
        ("jwks", changed(SERVICE, auth_method="private_key_jwt", jwks={"keys": [{**_EC, "use": "enc"}]})),
        ("jwks", changed(SERVICE, auth_method="private_key_jwt", jwks={"keys": [{**_EC, "x": "%%"}]})),
        ("jwks", changed(SERVICE, auth_method="private_key_jwt", jwks={"keys": [{**_EC, "kty": "none"}]})),
        ("jwks", changed(SERVICE, auth_method="private_key_jwt", jwks={"keys": [{**_EC, "crv": "P-192"}]})),
        ("jwks", changed(SERVICE, auth_method="private_key_jwt", jwks={"keys": [_EC, _EC]})),
        ("jwks", changed(SERVICE, auth_method="private_key_jwt", jwks={"keys": [{**_EC, "x5c": ["A" * 20_000]}]})),
        ("jwks", changed(SERVICE, auth_method="private_key_jwt", jwks={"keys": [_rsa(1024)]})),
        (
            "jwks",
            changed(
                SERVICE,
                auth_method="private_key_jwt",
                jwks={"keys": [dict(OctKey.generate_key(256).as_dict(private=True))]},
            ),
        ),
    ],
)
async def test_a_client_that_breaks_a_rule_is_refused(house: House, field: str, client: Client) -> None:
    with pytest.raises(ClientInvalid) as refused:
        await house.clients.register(ADMIN, client)
    assert refused.value.extra == {"field": field}
    assert await house.rows("clients") == 0
    assert await house.trail() == []


@pytest.mark.parametrize(
    "client_id", ["a", "a b", "a/b", "-ab", "é12", "a" * 65, "abc\n", "01890a5d-ac96-774b-bcce-b302099a8057"]
)
def test_a_client_id_is_plain_and_no_accounts_id(client_id: str) -> None:
    with pytest.raises(ClientInvalid):
        checked_client_id(client_id)


async def test_a_confidential_client_gets_a_secret_once_and_only_its_hash_is_kept(house: House) -> None:
    client, secret = await house.clients.register(ADMIN, SERVICE)
    assert secret is not None
    assert len(secret) == 43
    kept = await house.clients.find("importer")
    assert kept == client
    assert await house.clients.check_secret(kept, secret)
    for wrong in ("", secret[:-1], secret + "a", str(kept.secret_hashed)):
        assert not await house.clients.check_secret(kept, wrong)
    assert secret not in await house.pool.fetchval("SELECT document::text FROM identity.clients")
    assert await house.trail() == ["client_registered"]


async def test_a_public_client_has_no_secret_and_none_fits_it(house: House) -> None:
    client, secret = await house.clients.register(ADMIN, SPA)
    assert secret is None
    assert client == SPA
    for text in ("", "x", "\x00" * 32):
        assert not await house.clients.check_secret(client, text)


async def test_a_client_with_keys_of_its_own_has_no_secret(house: House) -> None:
    keys = {"keys": [_EC, {**_rsa(2048), "kid": "two"}]}
    client, secret = await house.clients.register(ADMIN, changed(SERVICE, auth_method="private_key_jwt", jwks=keys))
    assert secret is None
    assert (await house.clients.find("importer")).jwks == keys
    assert client.secret_hashed is None


async def test_an_id_is_made_where_none_is_given_and_a_taken_one_is_refused(house: House) -> None:
    client, _ = await house.clients.register(ADMIN, changed(SPA, id=""))
    assert client.id == checked_client_id(client.id)
    assert len(client.id) == 16
    await house.clients.register(ADMIN, SPA)
    with pytest.raises(ClientIdTaken):
        await house.clients.register(ADMIN, changed(SPA, name="Another"))
    assert (await house.clients.find("spa")).name == "A SPA"
    assert [one.name for one in await house.clients.all(ADMIN)] == ["A SPA", "A SPA"]


async def test_the_same_key_registers_one_client_with_one_secret(house: House) -> None:
    made = await asyncio.gather(
        *(house.clients.register(ADMIN, changed(SERVICE, id=""), once=once("k1", scope="admin")) for _ in range(5))
    )
    assert len({(client.id, secret) for client, secret in made}) == 1
    assert await house.rows("clients") == 1


async def test_there_is_a_bound_of_clients(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renga.domains.identity.clients.register_client.CLIENTS_MAX", 2)
    done = await asyncio.gather(
        *(house.clients.register(ADMIN, changed(SPA, id="")) for _ in range(5)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["TooMany", "TooMany", "TooMany", "tuple", "tuple"]
    assert any(isinstance(one, TooMany) for one in done)


@pytest.mark.parametrize("client_id", ["", "nobody", "a" * 300, "a\x00b", "é"])
async def test_an_unknown_client_is_not_found(house: House, client_id: str) -> None:
    with pytest.raises(ClientNotFound):
        await house.clients.find(client_id)


async def test_a_removed_client_is_gone_with_its_consents_and_its_tokens(house: House) -> None:
    ana = await house.person("ana")
    await house.clients.register(ADMIN, SPA)
    await house.clients.consent(Caller(ana), "spa", ["cart"])
    assert (await house.clients.find("spa")).name == "A SPA"
    await house.clients.remove(ADMIN, "spa")
    with pytest.raises(ClientNotFound):
        await house.clients.find("spa")
    assert await house.clients.consents(Caller(ana)) == ()
    assert house.families.ended == [("spa", None), ("spa", None)]
    with pytest.raises(ClientNotFound):
        await house.clients.remove(ADMIN, "spa")
    assert await house.trail() == ["client_registered", "consent_given", "client_removed"]


async def test_a_client_whose_tokens_cannot_be_ended_stays(house: House) -> None:
    ana = await house.person("ana")
    await house.clients.register(ADMIN, SPA)
    await house.clients.consent(Caller(ana), "spa", ["cart"])
    house.families.away = True
    with pytest.raises(Unavailable):
        await house.clients.remove(ADMIN, "spa")
    with pytest.raises(Unavailable):
        await house.clients.withdraw(Caller(ana), "spa")
    assert (await house.clients.find("spa")).name == "A SPA"
    assert await house.clients.consented(Caller(ana), "spa") == {"cart"}


async def test_consents_add_up_and_are_withdrawn_as_a_whole(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    await house.clients.register(ADMIN, SPA)
    await house.clients.consent(Caller(ana), "spa", ["openid", "cart"])
    house.clock.advance(seconds=10)
    await house.clients.consent(Caller(ana), "spa", ["cart", "orders"])
    assert await house.clients.consented(Caller(ana), "spa") == {"openid", "cart", "orders"}
    assert await house.clients.consented(Caller(eva), "spa") == frozenset()
    assert await house.clients.consents(Caller(ana)) == (
        Consent(
            client_id="spa",
            client_name="A SPA",
            scopes=("cart", "openid", "orders"),
            since="2023-11-14T22:13:30.000Z",
        ),
    )
    await house.clients.withdraw(Caller(eva), "spa")
    assert await house.clients.consented(Caller(ana), "spa") == {"openid", "cart", "orders"}
    await house.clients.withdraw(Caller(ana), "spa")
    assert await house.clients.consented(Caller(ana), "spa") == frozenset()
    assert house.families.ended == [("spa", eva), ("spa", ana)]
    assert (await house.trail())[-1] == "consent_withdrawn"


async def test_two_consents_at_once_both_count(house: House) -> None:
    ana = await house.person("ana")
    await house.clients.register(ADMIN, SPA)
    await asyncio.gather(*(house.clients.consent(Caller(ana), "spa", [one]) for one in ("openid", "cart", "orders")))
    assert await house.clients.consented(Caller(ana), "spa") == {"openid", "cart", "orders"}


async def test_nothing_is_allowed_to_nobody_or_by_nobody(house: House) -> None:
    ana = await house.person("ana")
    await house.clients.register(ADMIN, SPA)
    with pytest.raises(ClientNotFound):
        await house.clients.consent(Caller(ana), "nobody", ["cart"])
    for account_id in ("demo-service", house.new_id()):
        with pytest.raises(AccountNotFound):
            await house.clients.consent(Caller(account_id), "spa", ["cart"])
    for scopes in ([], ["carts:any"], ["no:such"]):
        with pytest.raises(ClientInvalid):
            await house.clients.consent(Caller(ana), "spa", scopes)
    assert await house.rows("consents") == 0


async def test_the_demos_clients_are_seeded_once(house: House) -> None:
    assert await seed_clients(house.clients, "http://127.0.0.1:8000/", SECRET) == 3
    assert await seed_clients(house.clients, "http://127.0.0.1:8000/", SECRET) == 0
    found = {client.id: client for client in await house.clients.all(ADMIN)}
    assert set(found) == {"storefront", "demo-spa", "demo-service"}
    assert [client_id for client_id, client in found.items() if client.first_party] == ["storefront"]
    assert found["storefront"].auth_method == found["demo-spa"].auth_method == "none"
    assert found["demo-service"].grant_types == ("client_credentials",)
    assert {"payments:write", "payments:read"} <= set(found["demo-service"].scopes)
    assert await house.clients.check_secret(found["demo-service"], demo_secret(SECRET))
    assert not await house.clients.check_secret(found["demo-service"], demo_secret(b"another shop"))


async def test_a_demo_on_plain_http_elsewhere_has_no_client_of_its_own_pages(house: House) -> None:
    assert await seed_clients(house.clients, "http://192.0.2.7:8000", SECRET) == 2
    assert [client.id for client in await house.clients.all(ADMIN)] == ["demo-spa", "demo-service"]


@pytest.mark.parametrize("base", ["http://127.0.0.1:8000", "https://shop.example"])
def test_the_demos_clients_keep_the_rules(base: str) -> None:
    for client in demo_clients(base):
        assert checked_client(client, GRANTS) == client


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        (ANONYMOUS, Unauthenticated),
        (Caller("ana", frozenset({"account", "merchant"})), InsufficientScope),
        (Caller.of_system("tests"), InsufficientScope),
    ],
)
async def test_who_is_no_administrator_neither_sees_nor_changes_clients(
    house: House, caller: Caller, refusal: type[RengaError]
) -> None:
    await house.clients.register(ADMIN, SPA)
    for call in (
        house.clients.register(caller, SERVICE),
        house.clients.read(caller, "spa"),
        house.clients.remove(caller, "spa"),
        house.clients.all(caller),
    ):
        with pytest.raises(refusal):
            await call
    assert [one.id for one in await house.clients.all(ADMIN)] == ["spa"]
    assert (await house.clients.read(ADMIN, "spa")).name == "A SPA"


async def test_consents_are_ones_own_and_a_guest_has_none(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    await house.clients.register(ADMIN, SPA)
    await house.clients.consent(Caller(ana), "spa", ["cart"])
    await house.clients.withdraw(Caller(eva), "spa")
    assert await house.clients.consented(Caller(ana), "spa") == {"cart"}
    assert await house.clients.consents(Caller(eva)) == ()
    for call in (
        house.clients.consents(ANONYMOUS),
        house.clients.consent(ANONYMOUS, "spa", ["cart"]),
        house.clients.withdraw(ANONYMOUS, "spa"),
    ):
        with pytest.raises(Unauthenticated):
            await call
