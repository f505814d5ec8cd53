"""Pages show each customer the prices of their own groups, and everybody else a guest's."""

import msgspec
import pytest

from renga.domains.catalog.contract import ListPrice
from tests.catalog.samples import CUP
from tests.web.member import Member
from tests.web.shopper import text_of

#: The blue cup costs 89.00, of which traders pay 61.50.
PAGES = ("/", "/c/table", "/p/cup?sku=CUP-BLUE")
GUESTS, TRADERS = "R$89.00", "R$61.50"


def shop() -> Member:
    member = Member()
    blue = msgspec.structs.replace(CUP.variants[0], price_list=(ListPrice(currency="BRL", amount=6150, group="trade"),))
    member.catalog.by_slug["cup"] = msgspec.structs.replace(CUP, variants=(blue,))
    return member


@pytest.mark.parametrize("path", PAGES)
async def test_a_customer_of_a_group_sees_its_price_and_a_guest_does_not(path: str) -> None:
    async with shop() as ana:
        ana.house.facts.groups = {ana.ana.account.id: ("trade",)}
        before = await ana.get(path)
        await ana.enter()
        logged_in = await ana.get(path)
        async with ana.browser() as guest:
            after = await guest.get(path)
    for page in (before, after):
        assert GUESTS in text_of(page)
        assert "61.50" not in page.text
    assert TRADERS in text_of(logged_in)
    assert logged_in.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("path", PAGES)
async def test_a_customer_without_the_group_sees_a_guests_price(path: str) -> None:
    async with shop() as ana:
        ana.house.facts.groups = {ana.ana.account.id: ("staff",), "somebody-else": ("trade",)}
        await ana.enter()
        page = await ana.get(path)
    assert GUESTS in text_of(page)
    assert "61.50" not in page.text


async def test_pages_stay_open_while_groups_cannot_be_read() -> None:
    async with shop() as ana:
        ana.house.facts.groups = {ana.ana.account.id: ("trade",)}
        await ana.enter()
        ana.house.facts.away = True
        page = await ana.get("/p/cup")
    assert page.status_code == 200
    assert GUESTS in text_of(page)


async def test_data_for_search_engines_names_no_price_of_a_group() -> None:
    async with shop() as ana:
        ana.house.facts.groups = {ana.ana.account.id: ("trade",)}
        await ana.enter()
        page = await ana.get("/p/cup")
    structured = page.text.partition('application/ld+json">')[2].partition("</script>")[0]
    assert '"89.00"' in structured
    assert "61.50" not in structured
