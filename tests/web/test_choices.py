"""Language and currency: the switch, carts that keep their currency, and posts that come from elsewhere."""

import pytest

from renga.frontends.web.forms import local_path
from renga.frontends.web.same_origin import is_own
from tests.web.shopper import BASE, Shopper, hidden, text_of


async def test_the_language_switch_is_kept_and_leads_back() -> None:
    async with Shopper() as visitor:
        answer = await visitor.post("/preferences", language="en", back="/p/cup?sku=CUP-CLAY")
        page = await visitor.get("/p/cup")
    assert (answer.status_code, answer.headers["location"]) == (303, "/p/cup?sku=CUP-CLAY")
    assert '<html lang="en">' in page.text
    assert "Add to cart" in text_of(page)


async def test_the_currency_switch_reprices_the_shop() -> None:
    async with Shopper() as visitor:
        page = await visitor.land("/preferences", currency="USD", back="/p/cup")
    assert "US$ 17,90" in text_of(page)


async def test_a_choice_that_is_not_offered_changes_nothing() -> None:
    async with Shopper() as visitor:
        answer = await visitor.post("/preferences", language="xx", currency="EUR", back="/c")
    assert answer.headers["location"] == "/c"
    assert answer.headers.get_list("set-cookie") == []


@pytest.mark.parametrize(
    "back", ["//evil.test", "https://evil.test", "/\\evil.test", "", "/a\nb", "javascript:1", "/é"]
)
async def test_going_back_never_leads_to_another_site(back: str) -> None:
    assert local_path(back) == "/"
    async with Shopper() as visitor:
        answer = await visitor.post("/preferences", language="en", back=back)
    assert answer.headers["location"] == "/"


async def test_a_cart_with_lines_asks_before_its_currency_changes() -> None:
    async with Shopper() as visitor:
        await visitor.add("CUP-BLUE", "2")
        page = await visitor.land("/preferences", currency="USD", back="/")
        elsewhere = await visitor.get("/p/cup")
    words = text_of(page)
    assert page.url.path == "/cart/currency"
    assert "Caneca <Aurora> \u00d7 2 R$ 178,00 US$ 35,80" in words
    assert "Total R$ 178,00 US$ 35,80" in words
    assert "R$ 89,00" in text_of(elsewhere), "prices stay in the cart's currency until the visitor agrees"


async def test_agreeing_prices_the_cart_in_the_new_currency() -> None:
    async with Shopper() as visitor:
        await visitor.add("CUP-BLUE", "2")
        old = visitor.cart_id
        [key] = hidden(await visitor.get("/cart/currency?to=USD"), "key")
        page = await visitor.land("/cart/currency", to="USD", key=key)
        lines = visitor.lines()
    assert "Total (2 itens) US$ 35,80" in text_of(page)
    assert visitor.cart_id == old
    assert lines == {"CUP-BLUE": 2}
    assert visitor.carts.carts[old].currency == "USD"


async def test_an_item_that_is_not_sold_in_the_new_currency_keeps_the_cart_as_it_is() -> None:
    async with Shopper() as visitor:
        await visitor.add("CUP-BLUE")
        await visitor.add("LAMP")
        old = visitor.cart_id
        offer = await visitor.get("/cart/currency?to=USD")
        page = await visitor.land("/cart/currency", to="USD", key="forged-key-1")
        lines = visitor.lines()
    assert "1 item não é vendido em dólares, então seu carrinho continua em reais." in text_of(offer)
    assert 'action="/cart/currency"' not in offer.text
    assert "seu carrinho ficou como estava" in text_of(page)
    assert visitor.cart_id == old
    assert lines == {"CUP-BLUE": 1, "LAMP": 1}
    assert "renga_currency" not in visitor.http.cookies


async def test_an_empty_cart_of_another_currency_is_simply_left() -> None:
    async with Shopper() as visitor:
        await visitor.add("CUP-BLUE")
        await visitor.land("/cart/lines/l-cup-blue/remove", key="a-key-of-a-page")
        await visitor.land("/preferences", currency="USD", back="/")
        await visitor.add("CUP-CLAY")
        currency, lines = visitor.carts.carts[visitor.cart_id].currency, visitor.lines()
    assert (currency, lines) == ("USD", {"CUP-CLAY": 1})


@pytest.mark.parametrize("to", ["", "BRL", "XXX", "<b>"])
async def test_there_is_nothing_to_ask_for_a_currency_that_is_the_same_or_not_offered(to: str) -> None:
    async with Shopper() as visitor:
        await visitor.add()
        answer = await visitor.get(f"/cart/currency?to={to}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.test"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "origin": BASE},
    ],
)
@pytest.mark.parametrize("path", ["/cart/lines", "/cart/lines/l-cup-blue", "/cart/lines/l-cup-blue/remove"])
async def test_a_form_of_another_site_is_refused_and_changes_nothing(path: str, headers: dict[str, str]) -> None:
    async with Shopper() as visitor:
        await visitor.add()
        page = await visitor.post(path, headers=headers, sku="LAMP", quantity="3")
        lines = visitor.lines()
    assert page.status_code == 403
    assert "Este formulário veio de outro lugar" in text_of(page)
    assert lines == {"CUP-BLUE": 1}


@pytest.mark.parametrize("path", ["/preferences", "/cart/currency"])
async def test_choices_of_another_site_are_refused(path: str) -> None:
    async with Shopper() as visitor:
        page = await visitor.post(path, headers={"sec-fetch-site": "cross-site"}, to="USD", currency="USD")
    assert page.status_code == 403
    assert page.headers.get_list("set-cookie") == []


def test_our_own_pages_may_post_through_any_of_our_names() -> None:
    assert is_own("same-origin", None, "", "")
    assert is_own(None, "http://a.test:8000", "a.test:8000", "shop.test")
    assert is_own(None, "https://shop.test", "127.0.0.1:8000", "shop.test")
    assert is_own(None, None, "a.test", "shop.test")
    assert not is_own(None, "", "", "")
