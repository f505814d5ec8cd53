"""A new merchant waits where the shop says so: nothing is sold for it before an administrator approves it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from renga.domains.catalog.access import reach_of
from renga.domains.identity.contract import MerchantAlreadyApproved, MerchantNotFound
from renga.domains.identity.opening import IdentityModule
from renga.domains.identity.settings import IdentitySettings, PasswordSettings
from renga.kernel.caller import Caller, InsufficientScope
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Invalid
from renga.kernel.ids import id_source
from renga.platform.mail.factory import make_mailer
from renga.platform.mail.settings import MailSettings
from renga.platform.redis.driver import make_client
from renga.platform.sessions.port import Session
from renga.platform.settings import PlatformSettings
from renga.platform.texts import open_locales
from tests.identity.accounts.people import HOME
from tests.identity.organisations.house import ADMIN, SECRET, House, acting
from tests.identity.organisations.rest import Rest
from tests.modules import GRANTS
from tests.platform.fake_sessions import MemorySessions


@pytest.fixture
async def waiting(house: House) -> House:
    """A shop whose new merchants wait."""
    return House(house.pool, approval=True)


@pytest.fixture
async def rest(waiting: House) -> AsyncIterator[Rest]:
    rest = Rest(waiting)
    yield rest
    await rest.http.aclose()
    rest.people.passwords.close()


@pytest.fixture
async def shop(house: House, valkey_url: str, tmp_path: Path) -> AsyncIterator[IdentityModule]:
    """Identity as a process opens it, with the settings that there are without any."""
    clock = ManualClock()
    new_id = id_source(clock)
    module = IdentityModule(
        IdentitySettings(),
        PasswordSettings(argon2_memory_kib=64, argon2_passes=1),
        GRANTS,
        pool=house.pool,
        redis=make_client(valkey_url),
        sessions=MemorySessions(new_id=new_id, clock=clock),
        mailer=make_mailer(MailSettings(), tmp_path, new_id),
        clock=clock,
        new_id=new_id,
        secret=SECRET,
        public_url="http://127.0.0.1:8000",
        locales=open_locales(PlatformSettings()),
    )
    yield module
    await module.close()


async def test_without_a_setting_new_merchants_wait_and_who_made_one_reaches_no_product(
    house: House, shop: IdentityModule
) -> None:
    ana = await house.person("ana")
    made = await shop.merchants.create(Caller(ana), "Serra", "serra")
    assert made.status == "pending"
    assert await shop.merchants_of(ana) == frozenset()
    session = Session(id="s", csrf="c", account_id=ana, stakeholders=("customer", "merchant"), amr=("mfa",))
    rights = await shop.rights_of(session, True)
    assert "catalog:write" in rights.scopes
    reach = reach_of(Caller(ana, rights.scopes, rights.merchants))
    assert (reach.covers(made.id), reach.only, reach.every) == (False, None, False)
    await shop.administration.approve_merchant(ADMIN, made.id, origin=HOME)
    rights = await shop.rights_of(session, True)
    assert reach_of(Caller(ana, rights.scopes, rights.merchants)).only == made.id


async def test_the_demo_approves_its_own_merchant_and_no_other(house: House, shop: IdentityModule) -> None:
    ana = await house.person("ana")
    other = await shop.merchants.create(Caller(ana), "Serra", "serra")
    demo = await shop.seed_merchant(ana)
    assert await shop.seed_merchant(ana) == demo
    found = await shop.merchants.of_account(Caller(ana))
    assert {one.id: one.status for one, _ in found} == {other.id: "pending", demo: "approved"}


async def test_a_merchants_key_works_from_its_approval_on(waiting: House, rest: Rest) -> None:
    ana = await waiting.person("ana")
    serra = await waiting.merchants.create(Caller(ana), "Serra", "serra")
    made = await waiting.keys.create(acting(ana), "k", ["catalog:write"], merchant_id=serra.id, life_s=None, limit=None)
    assert await waiting.keys.check(made.key) is None
    rest.let("ada", await waiting.person("ada", "admin"))
    answer = await rest.ask("ada", "PUT", f"/admin/merchants/{serra.id}/approval")
    assert (answer.status_code, answer.json()["status"]) == (200, "approved")
    waiting.clock.advance(seconds=5)
    found = await waiting.keys.check(made.key)
    assert found is not None
    assert found.scopes == ("catalog:write",)


async def test_a_rejection_names_its_reason_to_the_members_and_may_be_taken_back(waiting: House, rest: Rest) -> None:
    rest.let("ana", await waiting.person("ana"))
    rest.let("ada", await waiting.person("ada", "admin"))
    made = (await rest.ask("ana", "POST", "/merchants", {"name": "Serra", "slug": "serra"})).json()
    assert (made["status"], made["reason"]) == ("pending", "")
    place = f"/admin/merchants/{made['id']}"
    (waits,) = (await rest.ask("ada", "GET", "/admin/merchants?status=pending")).json()["items"]
    assert waits["merchant"]["id"] == made["id"]
    rejected = await rest.ask("ada", "PUT", f"{place}/rejection", {"reason": " no tax number "})
    assert (rejected.status_code, rejected.json()["status"]) == (200, "rejected")
    assert (await rest.ask("ada", "GET", "/admin/merchants?status=pending")).json()["items"] == []
    (own,) = (await rest.ask("ana", "GET", "/me/merchants")).json()["items"]
    assert (own["merchant"]["status"], own["merchant"]["reason"]) == ("rejected", "no tax number")
    approved = await rest.ask("ada", "PUT", f"{place}/approval")
    assert (approved.json()["status"], approved.json()["reason"]) == ("approved", "")
    again = await rest.ask("ada", "PUT", f"{place}/rejection", {"reason": "late"})
    assert (again.status_code, again.json()["code"]) == (409, "merchant_approved")
    assert await waiting.trail() == ["merchant_created", "merchant_rejected", "merchant_approved"]
    assert [(one["type"], one["subject"], one["sequence"]) for one in await rest.people.events()] == [
        ("identity.MerchantRejected", made["id"], "1"),
        ("identity.MerchantApproved", made["id"], "2"),
    ]


async def test_a_second_decision_that_is_the_same_changes_nothing(waiting: House, rest: Rest) -> None:
    ana = await waiting.person("ana")
    rest.let("ada", await waiting.person("ada", "admin"))
    serra = await waiting.merchants.create(Caller(ana), "Serra", "serra")
    for act, body in (("rejection", {"reason": "x"}), ("approval", None)):
        first = await rest.ask("ada", "PUT", f"/admin/merchants/{serra.id}/{act}", body)
        before = await rest.people.everything()
        second = await rest.ask("ada", "PUT", f"/admin/merchants/{serra.id}/{act}", body)
        assert second.json() == first.json()
        assert await rest.people.everything() == before


async def test_only_administrators_decide_with_a_reason_about_what_there_is(house: House, shop: IdentityModule) -> None:
    ana = await house.person("ana")
    serra = await shop.merchants.create(Caller(ana), "Serra", "serra")
    desk = shop.administration
    for merchant_id in (house.new_id(), "none", ""):
        with pytest.raises(MerchantNotFound):
            await desk.approve_merchant(ADMIN, merchant_id, origin=HOME)
        with pytest.raises(MerchantNotFound):
            await desk.reject_merchant(ADMIN, merchant_id, reason="x", origin=HOME)
    for reason in ("", "  ", "x" * 501, "a\0b"):
        with pytest.raises(Invalid):
            await desk.reject_merchant(ADMIN, serra.id, reason=reason, origin=HOME)
    with pytest.raises(InsufficientScope):
        await desk.approve_merchant(Caller(ana), serra.id, origin=HOME)
    await desk.approve_merchant(ADMIN, serra.id, origin=HOME)
    with pytest.raises(MerchantAlreadyApproved):
        await desk.reject_merchant(ADMIN, serra.id, reason="x", origin=HOME)
    await shop.merchants.close(Caller(ana), serra.id)
    with pytest.raises(MerchantNotFound):
        await desk.approve_merchant(ADMIN, serra.id, origin=HOME)
