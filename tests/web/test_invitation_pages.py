"""The pages of invitations and memberships: seen by the invited account only, accepted by a button, left by another."""

import pytest

from renga.domains.identity.contract import Merchant
from tests.web.member import Member
from tests.web.shopper import hidden, text_of

SERRA = Merchant(id="019aa5d8-2b00-7000-8000-0000000000aa", name="Serra <b>", slug="serra", created_at="")
PAGE = "/invitation?link=abc"


async def test_a_link_asks_for_login_and_is_accepted_by_the_button_only() -> None:
    async with Member() as shop:
        asked = await shop.get(PAGE)
        assert (asked.status_code, asked.headers["location"]) == (303, "/login?next=%2Finvitation%3Flink%3Dabc")
        await shop.enter()
        shop.house.merchants.invited[shop.ana.account.id, "abc"] = (SERRA, "clerk")
        page = await shop.get(PAGE)
        assert page.status_code == 200
        assert "Serra <b> invites you" in text_of(page).replace("&lt;", "<").replace("&gt;", ">")
        assert "<b> invites" not in page.text
        assert "needs a second factor" in text_of(page)
        assert hidden(page, "link") == ["abc"]
        assert shop.house.merchants.of == {}
        done = await shop.send(PAGE, "/invitation/accept", link="abc")
        assert (done.status_code, done.headers["location"]) == (303, "/account")
        assert shop.house.merchants.of[shop.ana.account.id] == ((SERRA, "clerk"),)
        assert "You are a member now." in text_of(await shop.get("/account"))


@pytest.mark.parametrize("link", ["", "other", "x" * 5_000])
async def test_a_link_that_is_not_hers_is_told_as_over(link: str) -> None:
    async with Member() as shop:
        await shop.enter()
        page = await shop.get(f"/invitation?link={link}")
        assert page.status_code == 422
        assert "The invitation was used or taken back" in text_of(page)
        answer = await shop.send("/account", "/invitation/accept", link=link)
        assert answer.status_code == 422
        assert shop.house.merchants.of == {}


async def test_accepting_needs_the_token_of_the_form() -> None:
    async with Member() as shop:
        await shop.enter()
        shop.house.merchants.invited[shop.ana.account.id, "abc"] = (SERRA, "clerk")
        answer = await shop.http.post("/invitation/accept", data={"link": "abc", "csrf": "wrong"})
        assert answer.status_code == 403
        assert shop.house.merchants.of == {}


@pytest.mark.parametrize(
    ("role", "text", "left"),
    [
        ("clerk", "You have left the merchant.", True),
        ("owner", "A merchant needs an owner", False),
    ],
)
async def test_a_member_leaves_from_the_account_but_the_last_owner_does_not(role: str, text: str, left: bool) -> None:
    async with Member() as shop:
        await shop.enter()
        shop.house.merchants.of[shop.ana.account.id] = ((SERRA, role),)  # type: ignore[assignment]  # one of the roles
        answer = await shop.send("/account", "/account/merchants/leave", merchant=SERRA.id)
        assert answer.headers["location"] == "/account"
        assert text in text_of(await shop.get("/account"))
        assert (shop.house.merchants.of[shop.ana.account.id] == ()) == left


@pytest.mark.parametrize("merchant", ["", "another", "\x00"])
async def test_leaving_what_one_is_no_member_of_changes_nothing(merchant: str) -> None:
    async with Member() as shop:
        await shop.enter()
        shop.house.merchants.of[shop.ana.account.id] = ((SERRA, "clerk"),)
        answer = await shop.send("/account", "/account/merchants/leave", merchant=merchant)
        assert answer.status_code == 303
        assert len(shop.house.merchants.of[shop.ana.account.id]) == 1
