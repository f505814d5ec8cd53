"""What is kept about a person: told to her in full, and forgotten for good when she asks, ids and the trail excepted."""

import asyncio
from typing import Any

import asyncpg
import msgspec
import pyotp
import pytest

from renga.domains.identity.accounts.addresses import AddressLimitReached, AddressNotFound
from renga.domains.identity.contract import AccountNotFound, Address, Client, CredentialsRefused, LastOwner
from renga.domains.identity.external.ports import ExternalIdentity
from renga.domains.identity.stores import audit_recording as auditing
from renga.domains.identity.stores.accounts import PostgresUnit
from renga.domains.identity.stores.external import PostgresExternalIdentities
from renga.kernel.address import PostalAddressInvalid
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.errors import Invalid, Unauthenticated
from renga.platform.sessions.port import Session
from tests.identity.accounts.authenticator import Authenticator
from tests.identity.accounts.people import ANA, AWAY, HOME, ORIGIN, OTHER_PASSWORD, PASSWORD, People
from tests.identity.organisations.house import ADMIN, AUDITOR, House, acting, proved

HERS = Address(
    name="Ana Ribeiro",
    line1="Rua das Jangadas 5",
    city="Recife",
    region="PE",
    postal_code="50000-123",
    country="br",
    phone="+55 81 5555-0100",
)


async def _lived_in(people: People) -> str:
    """The id of somebody who has used everything there is."""
    account = await people.join()
    totp, _ = await people.with_totp(account.id)
    authenticator = Authenticator(ORIGIN)
    credential = authenticator.create(await people.accounts.start_passkey(proved(account.id)))
    await people.accounts.finish_passkey(proved(account.id), credential, "Telefone da Ana")
    await people.accounts.start_passkey(proved(account.id))
    await people.accounts.save_address(proved(account.id), HERS, address_id=None, default=True)
    await people.accounts.log_in(ANA, PASSWORD, HOME)
    await people.accounts.check_second_factor(account.id, people.code(totp), HOME)
    with pytest.raises(CredentialsRefused):
        await people.accounts.log_in(ANA, OTHER_PASSWORD, AWAY)
    await people.accounts.register(ANA, PASSWORD, "Ana Ribeiro", "en", AWAY)
    await people.accounts.start_recovery(ANA, HOME)
    return account.id


async def _connected(people: People, account_id: str) -> None:
    """The owner of a merchant, with a key, a consent and a login at another provider."""
    house = House(people.pool)
    await house.merchants.create(proved(account_id), "Serra", "serra")
    await house.keys.create(acting(account_id), "robot", ["cart"], merchant_id=None, life_s=None, limit=None)
    await house.clients.register(
        ADMIN, Client(id="spa", name="SPA", redirect_uris=("https://spa.example/cb",), scopes=("cart",))
    )
    await house.clients.consent(proved(account_id), "spa", ["cart"])
    linked = ExternalIdentity(provider="keycloak", subject="sub-1", account_id=account_id)
    assert await PostgresExternalIdentities(people.pool).link(linked, address="", now_ms=1)


async def test_an_export_tells_everything(people: People) -> None:
    account_id = await _lived_in(people)

    class Sessions:
        async def of_account(self, account_id: str) -> tuple[Session, ...]:
            return (Session(id="handle", csrf="not told", account_id=account_id, address=HOME.address),)

    await _connected(people, account_id)
    accounts = people.changed(sessions=Sessions())
    mark_announced = await accounts.export(proved(account_id))
    assert mark_announced["account"]["email"] == ANA
    assert mark_announced["second_factor"] == {"totp": True, "recovery_codes_left": 10}
    assert [passkey["name"] for passkey in mark_announced["passkeys"]] == ["Telefone da Ana"]
    assert [saved["address"]["postal_code"] for saved in mark_announced["addresses"]] == ["50000123"]
    assert {network["of"] for network in mark_announced["networks"]} == {"password", "letter", "second_factor"}
    assert [session["id"] for session in mark_announced["sessions"]] == ["handle"]
    assert "not told" not in str(mark_announced)
    organisations, connections = mark_announced["organisations"], mark_announced["connections"]
    assert [one["name"] for one in organisations["memberships"]] == ["Serra"]
    assert [(one["name"], one["scopes"]) for one in organisations["api_keys"]] == [("robot", ["cart"])]
    assert [one["client_id"] for one in organisations["consents"]] == ["spa"]
    assert [one["provider"] for one in connections["external_identities"]] == ["keycloak"]
    assert {entry["action"] for entry in mark_announced["audit"]} >= {
        "logged_in",
        "login_failed",
        "second_factor_added",
    }
    assert mark_announced["audit_complete"] is True
    assert msgspec.json.decode(msgspec.json.encode(mark_announced)) == mark_announced
    assert (await people.actions(account_id))[-1] == "exported"


async def test_an_export_tells_no_proof(people: People) -> None:
    account_id = await _lived_in(people)
    mark_announced = str(await people.accounts.export(proved(account_id)))
    assert "$argon2" not in mark_announced
    assert "secret" not in mark_announced


async def test_an_erasure_leaves_nothing_that_names_her(people: People) -> None:
    account_id = await _lived_in(people)
    before = await people.actions(account_id)
    await people.accounts.erase(proved(account_id), HOME)
    left = await people.everything()
    for personal in (ANA, "Ana", "Ribeiro", "Jangadas", "5555-0100", HOME.address, AWAY.address, "$argon2"):
        assert personal not in left
    for table in ("registrations", "recoveries", "totp", "recovery_codes", "passkeys", "challenges", "addresses"):
        assert await people.pool.fetchval(f"SELECT count(*) FROM identity.{table}") == 0
    assert await people.actions(account_id) == [*before, "erased"]
    assert people.ended == [(account_id, None)]
    event = (await people.events())[-1]
    assert (event["type"], event["data"]) == ("identity.AccountErased", {"account_id": account_id})
    row = await people.pool.fetchrow("SELECT * FROM identity.accounts")
    assert row is not None
    assert (str(row["id"]), row["email"], row["name"], row["password"]) == (account_id, None, "", None)


async def test_who_is_erased_is_nobody_any_more(people: People) -> None:
    account_id = await _lived_in(people)
    link = people.letterbox.link()
    await people.accounts.erase(proved(account_id), HOME)
    for use in (
        people.accounts.find(proved(account_id)),
        people.accounts.export(proved(account_id)),
        people.accounts.start_totp(proved(account_id)),
        people.accounts.addresses(proved(account_id)),
        people.accounts.change_password(proved(account_id), PASSWORD, OTHER_PASSWORD, HOME),
    ):
        with pytest.raises(AccountNotFound):
            await use
    with pytest.raises(CredentialsRefused):
        await people.accounts.log_in(ANA, PASSWORD, HOME)
    with pytest.raises(Exception, match="does not work any more"):
        await people.accounts.finish_recovery(link, OTHER_PASSWORD, HOME)


async def test_an_erasure_takes_every_part_with_it_and_a_second_one_changes_nothing(people: People) -> None:
    account_id = await _lived_in(people)
    await _connected(people, account_id)
    await people.accounts.erase(proved(account_id), HOME)
    for table in ("members", "consents", "external_identities"):
        assert await people.pool.fetchval(f"SELECT count(*) FROM identity.{table}") == 0
    (key,) = await people.pool.fetch("SELECT name, revoked_ms FROM identity.api_keys")
    assert (key["name"], key["revoked_ms"]) == ("", people.clock.now_ms())
    assert await people.pool.fetchval("SELECT closed_ms FROM identity.merchants") == people.clock.now_ms()
    once = await people.everything()
    people.clock.advance(seconds=1)
    await people.accounts.erase(proved(account_id), HOME)
    assert await people.everything() == once


async def test_a_second_erasure_takes_what_came_after_the_first(people: People) -> None:
    account_id = await _lived_in(people)
    await people.accounts.erase(proved(account_id), HOME)
    identities = PostgresExternalIdentities(people.pool)
    await identities.link(
        ExternalIdentity(provider="keycloak", subject="sub-1", account_id=account_id), address="", now_ms=1
    )
    await people.accounts.erase(proved(account_id), HOME)
    assert await identities.of_account(account_id) == ()


async def test_an_erasure_happens_with_all_its_parts_or_not_at_all(people: People) -> None:
    account_id = await _lived_in(people)
    await _connected(people, account_id)
    house = House(people.pool)
    await house.person("bruno")
    (merchant,) = await house.merchants.of_account(proved(account_id))
    await house.join(account_id, merchant[0].id, "bruno", "clerk")
    before = await people.everything()
    with pytest.raises(LastOwner):
        await people.accounts.erase(proved(account_id), HOME)
    assert await people.everything() == before
    assert people.ended == []


async def test_a_part_that_breaks_last_undoes_the_parts_before_it(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = await _lived_in(people)
    await _connected(people, account_id)
    before = await people.everything()

    async def broken(self: PostgresUnit, person: Any, subjects: Any) -> None:
        raise Invalid("a part that cannot")

    monkeypatch.setattr(PostgresUnit, "erase_person", broken)
    with pytest.raises(Invalid):
        await people.accounts.erase(proved(account_id), HOME)
    assert await people.everything() == before
    assert people.ended == []


async def test_the_address_of_an_erased_person_may_have_an_account_again(people: People) -> None:
    account_id = await _lived_in(people)
    await people.accounts.erase(proved(account_id), HOME)
    people.clock.advance(seconds=60)
    assert (await people.join()).id != account_id


@pytest.mark.parametrize("account_id", ["nobody", "00000000-0000-0000-0000-000000000000"])
async def test_nobody_is_not_erased(people: People, account_id: str) -> None:
    with pytest.raises(AccountNotFound):
        await people.accounts.erase(proved(account_id), HOME)
    assert await people.everything() == await people.blank()


async def test_there_is_one_default_address_as_long_as_there_is_any(people: People) -> None:
    account = await people.join()
    first = await people.accounts.save_address(proved(account.id), HERS, address_id=None, default=False)
    assert (first.default, first.address.country, first.address.postal_code) == (True, "BR", "50000123")
    people.clock.advance(seconds=1)
    work = msgspec.structs.replace(HERS, line1="Rua do Porto 9")
    second = await people.accounts.save_address(proved(account.id), work, address_id=None, default=True)
    assert [(one.id, one.default) for one in await people.accounts.addresses(proved(account.id))] == [
        (second.id, True),
        (first.id, False),
    ]
    moved = msgspec.structs.replace(work, city="Olinda")
    changed = await people.accounts.save_address(proved(account.id), moved, address_id=second.id, default=False)
    assert (changed.id, changed.default, changed.address.city) == (second.id, True, "Olinda")
    for _ in range(2):
        await people.accounts.remove_address(proved(account.id), second.id)
    assert [(one.id, one.default) for one in await people.accounts.addresses(proved(account.id))] == [(first.id, True)]


async def test_an_address_is_its_owners(people: People) -> None:
    ana, bia = await people.join(), await people.join("bia@example.com")
    saved = await people.accounts.save_address(proved(ana.id), HERS, address_id=None, default=True)
    with pytest.raises(AddressNotFound):
        await people.accounts.save_address(proved(bia.id), HERS, address_id=saved.id, default=True)
    await people.accounts.remove_address(proved(bia.id), saved.id)
    assert await people.accounts.addresses(proved(ana.id)) == (saved,)
    assert await people.accounts.addresses(proved(bia.id)) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("postal_code", "5000"),
        ("country", "Brazil"),
        ("line1", ""),
        ("line2", "x" * 201),
        ("city", "Rio\0"),
    ],
)
async def test_an_address_that_no_parcel_reaches_is_refused(people: People, field: str, value: str) -> None:
    account = await people.join()
    wrong = msgspec.structs.replace(HERS, **{field: value})
    with pytest.raises(PostalAddressInvalid) as refused:
        await people.accounts.save_address(proved(account.id), wrong, address_id=None, default=True)
    assert refused.value.extra == {"field": field}
    assert await people.accounts.addresses(proved(account.id)) == ()


async def test_an_account_has_twenty_addresses_at_most(people: People) -> None:
    account = await people.join()
    for number in range(20):
        one = msgspec.structs.replace(HERS, line1=f"Rua das Jangadas {number}")
        await people.accounts.save_address(proved(account.id), one, address_id=None, default=False)
    with pytest.raises(AddressLimitReached):
        await people.accounts.save_address(
            proved(account.id), msgspec.structs.replace(HERS, line1="x"), address_id=None, default=False
        )


async def test_an_address_saved_twice_is_one_address(people: People) -> None:
    account = await people.join()
    saves = [people.accounts.save_address(proved(account.id), HERS, address_id=None, default=False) for _ in range(4)]
    assert len({saved.id for saved in await asyncio.gather(*saves)}) == 1
    assert len(await people.accounts.addresses(proved(account.id))) == 1


async def test_the_trail_is_read_in_pages_and_never_changed(people: People) -> None:
    account = await people.join()
    for _ in range(4):
        await people.accounts.log_in(ANA, PASSWORD, HOME)
    page = await people.audit.entries(AUDITOR, account_id=account.id, limit=3)
    rest = await people.audit.entries(AUDITOR, account_id=account.id, limit=3, before=page[-1].id)
    assert [entry.action for entry in (*page, *rest)] == ["logged_in"] * 4 + ["email_verified", "registration_asked"]
    assert await people.audit.entries(AUDITOR, account_id="nobody") == ()
    with pytest.raises(Invalid):
        await people.audit.entries(AUDITOR, account_id=None, before="1; DROP")
    for change in ("DELETE FROM identity.audit", "UPDATE identity.audit SET action = 'nothing', address = ''"):
        with pytest.raises(asyncpg.RaiseError):
            await people.pool.execute(change)
    assert len(await people.audit.entries(AUDITOR, account_id=account.id, limit=500)) == 6


async def test_the_trail_refuses_what_would_be_a_secret_or_a_name(people: People) -> None:
    entry: dict[str, Any] = {"action": "x", "account_id": None, "by": None, "address": "", "at_ms": 0}
    async with people.pool.acquire() as connection:
        for word in sorted(auditing.FORBIDDEN):
            with pytest.raises(ValueError, match=word):
                await auditing.record(connection, details={word: "…"}, **entry)
    assert await people.actions() == []


async def test_the_demo_has_an_account_of_each_kind_that_logs_in_as_told(people: People) -> None:
    mark_announced = await people.accounts.seed_accounts()
    once = await people.everything()
    assert await people.accounts.seed_accounts() == mark_announced
    assert await people.everything() == once
    assert [demo.kind for demo in mark_announced] == [
        "customer",
        "merchant",
        "operator",
        "finance",
        "processor",
        "admin",
    ]
    for demo in mark_announced:
        authenticated = await people.accounts.log_in(demo.email, demo.password, HOME)
        assert authenticated.account.id == demo.account_id
        assert authenticated.account.stakeholders == (demo.kind,)
        assert authenticated.second_factor_needed is (demo.totp_secret is not None)
        if demo.totp_secret is not None:
            code = people.code(pyotp.TOTP(demo.totp_secret))
            assert (
                await people.accounts.check_second_factor(demo.account_id, code, HOME)
            ).second_factor_needed is False


async def test_a_guest_and_a_program_have_no_account(people: People) -> None:
    await people.join()
    before = await people.everything()
    for caller, refusal in (
        (ANONYMOUS, Unauthenticated),
        (Caller.of_system("tests", "identity:admin"), AccountNotFound),
    ):
        for call in (
            people.accounts.find(caller),
            people.accounts.change_profile(caller, name="X", language=None, origin=HOME),
            people.accounts.change_password(caller, PASSWORD, OTHER_PASSWORD, HOME),
            people.accounts.start_totp(caller),
            people.accounts.passkeys(caller),
            people.accounts.addresses(caller),
            people.accounts.export(caller),
            people.accounts.erase(caller, HOME),
        ):
            with pytest.raises(refusal):
                await call
    assert await people.everything() == before
