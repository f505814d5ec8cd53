"""Registration and recovery over HTTP: what they tell, whom they tell nothing, and what a link is good for."""

import pytest

from tests.web.identity_fakes import PASSWORD
from tests.web.member import Member, bare, refusals
from tests.web.shopper import hidden, text_of


async def test_registering_a_known_address_looks_like_registering_a_new_one() -> None:
    async with Member() as shop:
        answers: list[tuple[int, str, bytes] | str] = []
        for email in ("ana@example.com", "new@example.com"):
            sent = await shop.send("/register", "/register", email=email, password="longe do mar aberto", name="X")
            answers.append((sent.status_code, sent.headers["location"], sent.content))
            answers.append(bare((await shop.get(sent.headers["location"])).text))
        kinds = [(to, kind) for to, kind, _ in shop.house.accounts.mails]
    assert answers[0] == answers[2] == (303, "/register/sent", b"")
    assert answers[1] == answers[3]
    assert kinds == [("ana@example.com", "known"), ("new@example.com", "verify")]


async def test_recovering_an_unknown_address_looks_like_recovering_a_known_one() -> None:
    async with Member() as shop:
        answers: list[tuple[int, str, bytes] | str] = []
        for email in ("ana@example.com", "nobody@example.com"):
            sent = await shop.send("/recover", "/recover", email=email)
            answers.append((sent.status_code, sent.headers["location"], sent.content))
            answers.append(bare((await shop.get(sent.headers["location"])).text))
    assert answers[0] == answers[2] == (303, "/recover/sent", b"")
    assert answers[1] == answers[3]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"name": " "}, "Tell us what to call you."),
        ({"email": "ana"}, "This e-mail address does not look complete."),
        ({"password": "curta"}, "This password is too short. A phrase of a few words does well."),
        ({"password": "senha123456"}, "This password has appeared in leaks of other sites. Choose another."),
    ],
)
async def test_registration_says_beside_the_field_what_is_wrong_and_keeps_the_rest(
    fields: dict[str, str], text: str
) -> None:
    async with Member() as shop:
        asked = {"name": "Bia", "email": "bia@example.com", "password": "longe do mar aberto"} | fields
        page = await shop.send("/register", "/register", **asked)
        assert page.status_code == 422
        assert refusals(page) == [text]
        assert asked["password"] not in page.text
        assert ('value="bia@example.com"' in page.text) is ("email" not in fields)
        assert shop.house.accounts.mails == []


async def test_looking_at_a_verification_link_does_not_use_it_up() -> None:
    async with Member() as shop:
        await shop.send("/register", "/register", name="Bia", email="bia@example.com", password="longe do mar aberto")
        link = shop.house.accounts.mails[0][2]
        for _ in range(2):
            page = await shop.get(f"/verify?link={link}")
            assert hidden(page, "link") == [link]
        done = await shop.send("/verify", "/verify", link=link)
        assert (done.status_code, done.headers["location"]) == (303, "/login")
        again = await shop.send("/verify", "/verify", link=link)
        assert again.status_code == 422
        assert "This link opens nothing any more" in text_of(again)
        assert (await shop.log_in("bia@example.com", "longe do mar aberto")).status_code == 303


async def test_a_recovered_password_ends_every_session() -> None:
    async with Member() as shop:
        shop.house.sessions.elsewhere(shop.ana.account.id, "Firefox")
        await shop.send("/recover", "/recover", email="ana@example.com")
        link = shop.house.accounts.mails[0][2]
        weak = await shop.send("/recover/new", "/recover/new", link=link, password="short")
        assert weak.status_code == 422
        assert hidden(weak, "link") == [link]
        done = await shop.send("/recover/new", "/recover/new", link=link, password="longe do mar aberto")
        assert (done.status_code, done.headers["location"]) == (303, "/login")
        assert await shop.house.sessions.of_account(shop.ana.account.id) == ()
        assert (await shop.log_in(password=PASSWORD)).status_code == 422
        assert (await shop.log_in(password="longe do mar aberto")).status_code == 303
