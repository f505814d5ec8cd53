"""The cart over HTTP: adding, changing, removing, what has changed since, what went wrong."""

import asyncio
from typing import Any

import msgspec
import pytest

from renga.domains.cart.contract import CartBusy, CartOutcomeUnknown, LineLimit, StoreUnavailable
from renga.kernel.errors import Unavailable
from tests.web.shopper import CART_OF_NOBODY, Shopper, hidden, text_of


async def test_adding_makes_a_cart_tells_so_once_and_counts() -> None:
    async with Shopper() as visitor:
        page = await visitor.add("CUP-CLAY", "2")
        again = await visitor.get("/p/cup?sku=CUP-CLAY")
        lines = visitor.lines()
    assert str(page.url.raw_path, "ascii") == "/p/cup?sku=CUP-CLAY"
    assert "Está no carrinho. Ver o carrinho" in text_of(page)
    assert "(2 itens)" in text_of(page)
    assert "Está no carrinho." not in text_of(again)
    assert lines == {"CUP-CLAY": 2}


async def test_the_cart_cookie_is_out_of_reach_of_scripts_and_secure_under_https() -> None:
    async with Shopper(public_url="https://shop.test") as visitor:
        answer = await visitor.post("/cart/lines", sku="LAMP")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("renga_cart="))
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "secure"} <= attributes


async def test_the_same_form_twice_at_once_adds_once() -> None:
    async with Shopper() as visitor:
        [key] = hidden(await visitor.get("/p/cup"), "key")
        form: dict[str, Any] = {"sku": "CUP-BLUE", "quantity": "2", "key": key}
        first, second = await asyncio.gather(visitor.post("/cart/lines", **form), visitor.post("/cart/lines", **form))
        lines = visitor.lines()
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert lines == {"CUP-BLUE": 2}
    assert len(visitor.carts.carts) == 1


async def test_the_same_key_with_another_quantity_is_another_wish() -> None:
    async with Shopper() as visitor:
        await visitor.add(quantity="1", key="a-key-of-a-page")
        await visitor.add(quantity="3", key="a-key-of-a-page")
        lines = visitor.lines()
    assert lines == {"CUP-BLUE": 4}


async def test_every_rendering_has_keys_of_its_own() -> None:
    async with Shopper() as visitor:
        await visitor.add()
        keys = hidden(await visitor.get("/cart"), "key") + hidden(await visitor.get("/cart"), "key")
    assert len(keys) == len(set(keys)) == 4


@pytest.mark.parametrize("quantity", ["0", "-1", "100000", "9" * 30, "two", "", "1.5", "²", "1e3"])
async def test_a_wrong_quantity_is_told_beside_the_form_and_changes_nothing(quantity: str) -> None:
    async with Shopper() as visitor:
        await visitor.add()
        page = await visitor.add(quantity=quantity)
        changed = await visitor.land("/cart/lines/l-cup-blue", quantity=quantity)
        lines = visitor.lines()
    assert page.status_code == 200
    assert 'class="flash flash-problem"' in page.text
    assert 'class="flash flash-problem"' in changed.text
    assert lines == {"CUP-BLUE": 1}


async def test_a_refused_quantity_names_the_limit_the_cart_knows() -> None:
    async with Shopper() as visitor:
        page = await visitor.add(quantity="100000")
    assert "Escolha uma quantidade de 1 a 999." in text_of(page)


@pytest.mark.parametrize("sku", ["NO-SUCH-SKU", "", "x" * 500, "a\x00b"])
async def test_an_unknown_sku_answers_404_and_makes_no_cart(sku: str) -> None:
    async with Shopper() as visitor:
        page = await visitor.post("/cart/lines", sku=sku)
    assert page.status_code == 404
    assert "Este item não está na loja" in text_of(page)
    assert visitor.carts.carts == {}


async def test_the_cart_shows_lines_in_the_visitors_language_with_options_price_and_total() -> None:
    async with Shopper() as visitor:
        await visitor.add("CUP-CLAY", "2")
        await visitor.add("LAMP")
        await visitor.post("/preferences", language="en", back="/cart")
        page = await visitor.get("/cart")
    words = text_of(page)
    assert "Aurora <Mug> Clay, Small R$99.00 each R$198.00" in words
    assert "Pebble Lamp R$450.00 each R$450.00" in words
    assert "Total (3 items) R$648.00" in words
    assert "Kept until November 21, 2023" in words


async def test_setting_a_quantity_by_text_or_by_a_steppers_button() -> None:
    async with Shopper() as visitor:
        await visitor.add()
        typed = await visitor.land("/cart/lines/l-cup-blue", quantity="5", key="key-one-1")
        by_text = visitor.lines()
        await visitor.land("/cart/lines/l-cup-blue", quantity="5", set="6", key="key-two-2")
        by_button = visitor.lines()
    assert "Quantidade atualizada." in text_of(typed)
    assert (by_text, by_button) == ({"CUP-BLUE": 5}, {"CUP-BLUE": 6})


async def test_removing_the_last_line_leaves_an_empty_cart_page() -> None:
    async with Shopper() as visitor:
        await visitor.add()
        page = await visitor.land("/cart/lines/l-cup-blue/remove", key="a-key-of-a-page")
        lines = visitor.lines()
    assert "Item removido." in text_of(page)
    assert "Seu carrinho está vazio" in text_of(page)
    assert lines == {}


async def test_a_line_that_is_gone_is_told_and_nothing_else_changes() -> None:
    async with Shopper() as visitor:
        await visitor.add()
        page = await visitor.land("/cart/lines/other/remove", key="a-key-of-a-page")
        lines = visitor.lines()
    assert "Esse item já não estava no carrinho." in text_of(page)
    assert lines == {"CUP-BLUE": 1}


async def test_a_moved_price_is_noted_on_top_and_at_its_line() -> None:
    async with Shopper() as visitor:
        await visitor.add("CUP-BLUE")
        await visitor.add("LAMP")
        visitor.catalog.reprice("CUP-BLUE", {"BRL": 9500, "USD": 1900})
        words = text_of(await visitor.get("/cart"))
    assert "O preço de 1 item mudou desde que você o escolheu." in words
    assert words.count("Entrou por R$ 89,00, agora custa R$ 95,00; o fechamento vai perguntar.") == 1
    assert "Total (2 itens) R$ 539,00" in words


async def test_an_item_that_left_the_shop_keeps_its_name_and_says_so() -> None:
    async with Shopper() as visitor:
        await visitor.add("LAMP")
        visitor.catalog.withdraw("lamp")
        words = text_of(await visitor.get("/cart"))
    assert "Luminária Seixo" in words
    assert "Este item saiu da loja" in words


async def test_the_cart_is_shown_from_its_snapshots_while_the_catalogue_is_away() -> None:
    async with Shopper() as visitor:
        await visitor.add("LAMP")
        visitor.catalog.trouble = Unavailable()
        page = await visitor.get("/cart")
    assert page.status_code == 200
    assert "Luminária Seixo" in text_of(page)
    assert "saiu da loja" not in text_of(page)


async def test_an_expired_cart_is_a_friendly_page_once_and_then_an_empty_cart() -> None:
    async with Shopper() as visitor:
        await visitor.add()
        visitor.carts.expire(visitor.cart_id)
        gone = await visitor.get("/cart")
        after = await visitor.get("/cart")
    assert gone.status_code == 410
    assert "Este carrinho já descansou" in text_of(gone)
    assert after.status_code == 200
    assert "Seu carrinho está vazio" in text_of(after)


async def test_adding_to_an_expired_cart_starts_a_new_one_and_says_so() -> None:
    async with Shopper() as visitor:
        await visitor.add()
        old = visitor.cart_id
        visitor.carts.expire(old)
        page = await visitor.add("LAMP")
        new, lines = visitor.cart_id, visitor.lines()
    assert "começamos um novo com este item" in text_of(page)
    assert new != old
    assert lines == {"LAMP": 1}


@pytest.mark.parametrize("cookie", ["garbage", "../../etc", CART_OF_NOBODY, "%00", "x" * 3000])
async def test_a_garbage_cart_cookie_never_breaks_a_page_and_is_replaced_by_an_add(cookie: str) -> None:
    async with Shopper() as visitor:
        statuses = []
        for path in ("/", "/p/cup", "/cart"):
            page = await visitor.http.get(path, headers={"cookie": f"renga_cart={cookie}"})
            statuses.append(page.status_code)
        answer = await visitor.http.post(
            "/cart/lines", data={"sku": "LAMP"}, headers={"cookie": f"renga_cart={cookie}"}
        )
    assert statuses == [200, 200, 410 if cookie == CART_OF_NOBODY else 200]
    assert answer.status_code == 303
    assert [[line.sku for line in cart.lines] for cart in visitor.carts.carts.values()] == [["LAMP"]]


@pytest.mark.parametrize("name", ["renga_language", "renga_currency", "renga_flash"])
@pytest.mark.parametrize("value", ["<b>hi</b>", "added.9999999999999", "xx", "é".encode().decode("latin-1")])
async def test_other_garbage_cookies_are_as_good_as_none(name: str, value: str) -> None:
    async with Shopper() as visitor:
        page = await visitor.http.get("/p/cup", headers={b"cookie": f"{name}={value}".encode("latin-1")})
    assert page.status_code == 200
    assert '<html lang="pt-BR">' in page.text
    assert "R$ 89,00" in text_of(page)
    assert 'class="flash' not in page.text.replace('class="flash-place"', "")


async def test_a_completed_cart_is_over_and_the_next_add_starts_another() -> None:
    async with Shopper() as visitor:
        await visitor.add()
        old = visitor.cart_id
        done = msgspec.structs.replace(visitor.carts.carts[old], state="completed", lines=())
        visitor.carts.put(done)
        page = await visitor.get("/cart")
        await visitor.add("LAMP")
        new, lines = visitor.cart_id, visitor.lines()
    assert "Seu carrinho está vazio" in text_of(page)
    assert new != old
    assert lines == {"LAMP": 1}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LineLimit(limit=50), "O carrinho já tem 50 itens diferentes, o máximo."),
        (LineLimit(), "O carrinho já tem o máximo de itens diferentes."),
        (CartBusy(), "O carrinho está sendo unido a outro"),
    ],
)
async def test_a_refusal_of_the_cart_is_told_beside_the_form(error: Exception, words: str) -> None:
    async with Shopper() as visitor:
        await visitor.get("/")
        visitor.carts.trouble = error
        answer = await visitor.post("/cart/lines", sku="LAMP")
        visitor.carts.trouble = None
        page = await visitor.get(answer.headers["location"])
    assert words in text_of(page)
    assert visitor.carts.carts == {}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StoreUnavailable(retry_after_s=3), "O carrinho descansa um momento"),
        (CartOutcomeUnknown(retry_after_s=3), "Não sabemos se deu certo"),
    ],
)
async def test_an_absent_cart_store_loses_nothing_and_the_same_form_can_be_sent_again(
    error: Exception, words: str
) -> None:
    async with Shopper() as visitor:
        visitor.carts.trouble = error
        page = await visitor.post("/cart/lines", sku="LAMP", quantity="2", key="a-key-of-a-page")
        visitor.carts.trouble = None
        again = {name: hidden(page, name)[0] for name in ("sku", "quantity", "key")}
        await visitor.land("/cart/lines", **again)
        await visitor.land("/cart/lines", **again)
        lines = visitor.lines()
    assert (page.status_code, page.headers["retry-after"]) == (503, "3")
    assert words in text_of(page)
    assert '<form method="post" action="/cart/lines">' in page.text
    assert again == {"sku": "LAMP", "quantity": "2", "key": "a-key-of-a-page"}
    assert lines == {"LAMP": 2}


async def test_the_cart_page_rests_while_its_store_is_away() -> None:
    async with Shopper() as visitor:
        await visitor.add()
        visitor.carts.trouble = StoreUnavailable()
        page = await visitor.get("/cart")
        visitor.carts.trouble = None
        back = await visitor.get("/cart")
    assert page.status_code == 503
    assert '<a class="button" href="/cart">' in page.text
    assert back.status_code == 200
    assert "Caneca <Aurora>" in text_of(back)


async def test_a_post_that_is_no_form_is_refused() -> None:
    async with Shopper() as visitor:
        wrong_type = await visitor.http.post("/cart/lines", json={"sku": "LAMP"})
        too_many = await visitor.http.post("/cart/lines", data={f"f{n}": "x" for n in range(50)})
        too_large = await visitor.http.post("/cart/lines", data={"sku": "x" * 20_000})
        not_utf8 = await visitor.http.post(
            "/cart/lines", content=b"sku=%ff%fe", headers={"content-type": "application/x-www-form-urlencoded"}
        )
        get = await visitor.get("/cart/lines")
    assert [a.status_code for a in (wrong_type, too_many, too_large, not_utf8)] == [400, 400, 413, 400]
    assert get.status_code == 405
    assert visitor.carts.carts == {}
