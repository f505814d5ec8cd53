"""Shopping in a real browser: by mouse, by keyboard, without JavaScript, in both languages, on a phone and a desk."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe

from renga.domains.cart.contract import StoreUnavailable
from tests.browser.shop import RunningShop
from tests.support import eventually

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 900}
CUP = "caneca-aurora"
COFFEE = "cafe-serra-lenta"


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> AsyncIterator[RunningShop]:
    running = RunningShop()
    await running.start()
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def scriptless(browser: Any, page: Any) -> AsyncIterator[Any]:
    """A page in a browser whose JavaScript is off."""
    context = await browser.new_context(java_script_enabled=False, locale="pt-BR")
    yield await context.new_page()
    await context.close()


def watch(page: Any) -> list[str]:
    """Collects what the browser complains of: script errors and refusals of the content policy."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None,
    )
    return complaints


async def speak(page: Any, shop: RunningShop, language: str) -> None:
    await page.context.add_cookies([{"name": "renga_language", "value": language, "url": shop.url}])


async def add(page: Any, shop: RunningShop, slug: str) -> None:
    await page.goto(f"{shop.url}/p/{slug}")
    await page.locator("#add").click()
    await page.locator(".flash").wait_for()


async def test_shopping_by_mouse_never_reloads_the_product_and_ends_in_a_cart(page: Any, shop: RunningShop) -> None:
    complaints = watch(page)
    await speak(page, shop, "pt-BR")
    await page.goto(shop.url)
    await page.get_by_role("link", name="Café e chá").last.click()
    await page.get_by_role("link", name="Café Serra Lenta").click()
    await page.evaluate("window.kept = true")
    await page.get_by_role("link", name="1 kg").click()
    await page.get_by_text("R$ 149,00").first.wait_for()
    await page.get_by_role("button", name="Mais um").click()
    await page.get_by_role("button", name="Pôr no carrinho").click()
    await page.get_by_role("status").get_by_text("Está no carrinho.").wait_for()
    assert await page.evaluate("window.kept") is True
    assert shop.quantities() == {"CAF-SERRA-1K-GR": 2}
    await page.get_by_role("link", name="Ver o carrinho").click()
    await page.locator(".summary dd", has_text="298,00").wait_for()
    assert await page.locator(".line-options").inner_text() == "1 kg, Em grãos"
    assert complaints == []


async def test_the_cart_changes_without_a_reload(page: Any, shop: RunningShop) -> None:
    complaints = watch(page)
    await speak(page, shop, "en")
    await add(page, shop, CUP)
    await page.goto(f"{shop.url}/cart")
    await page.evaluate("window.kept = true")
    await page.get_by_role("button", name="One more of Aurora Mug").click()
    await page.get_by_text("Total (2 items)").wait_for()
    assert await page.evaluate("document.activeElement.id") == "more-1", "focus stays where it was"
    await page.get_by_label("Quantity of Aurora Mug").fill("5")
    await page.get_by_label("Quantity of Aurora Mug").press("Enter")
    await page.get_by_text("Total (5 items)").wait_for()
    assert await page.locator(".to-cart .count > span").first.inner_text() == "5"
    await page.get_by_role("button", name="Remove Aurora Mug").click()
    await page.get_by_role("heading", name="Your cart is empty").wait_for()
    assert await page.evaluate("window.kept") is True
    assert shop.quantities() == {}
    assert complaints == []


async def test_shopping_by_keyboard_alone(page: Any, shop: RunningShop) -> None:
    await speak(page, shop, "en")
    await page.goto(f"{shop.url}/p/{CUP}")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.evaluate("window.kept = true")
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "content"
    await _tab_to(page, "#quantity")
    outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "focus is seen"
    await page.keyboard.press("Control+A")
    await page.keyboard.type("3")
    await page.keyboard.press("Enter")
    await page.locator(".flash").wait_for()
    assert await page.evaluate("window.kept") is True
    assert list(shop.quantities().values()) == [3]
    await page.goto(f"{shop.url}/cart")
    await _tab_to(page, "#more-1")
    await page.keyboard.press("Space")
    await page.get_by_text("Total (4 items)").wait_for()
    assert list(shop.quantities().values()) == [4]


async def _tab_to(page: Any, selector: str, presses_max: int = 60) -> None:
    for _ in range(presses_max):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


async def test_everything_works_without_javascript(scriptless: Any, shop: RunningShop) -> None:
    page = scriptless
    await page.goto(f"{shop.url}/p/{COFFEE}")
    await page.get_by_role("link", name="1 kg").click()
    await page.locator(".price", has_text="149,00").wait_for()
    await page.get_by_label("Quantidade").fill("2")
    await page.get_by_role("button", name="Pôr no carrinho").click()
    await page.locator(".flash", has_text="Está no carrinho.").wait_for()
    await page.get_by_role("link", name="Ver o carrinho").click()
    await page.get_by_role("button", name="Um a mais de Café Serra Lenta").click()
    await page.get_by_text("Total (3 itens)").wait_for()
    assert shop.quantities() == {"CAF-SERRA-1K-GR": 3}
    await page.get_by_label("Quantidade de Café Serra Lenta").fill("7")
    await page.get_by_role("button", name="Atualizar").click()
    await page.get_by_text("Total (7 itens)").wait_for()
    assert shop.quantities() == {"CAF-SERRA-1K-GR": 7}
    await page.get_by_label("Quantidade de Café Serra Lenta").fill("5")
    await page.get_by_label("Quantidade de Café Serra Lenta").press("Enter")
    await page.get_by_text("Total (5 itens)").wait_for()
    assert shop.quantities() == {"CAF-SERRA-1K-GR": 5}
    await page.get_by_role("button", name="Remover Café Serra Lenta").click()
    await page.get_by_role("heading", name="Seu carrinho está vazio").wait_for()
    assert shop.quantities() == {}
    await page.goto(f"{shop.url}/c")
    await page.get_by_role("link", name="Ver mais").click()
    await page.get_by_role("link", name="Voltar ao começo").wait_for()
    assert await page.locator(".card").count() == 12


async def test_showing_more_of_a_shelf_appends_to_it(page: Any, shop: RunningShop) -> None:
    await page.goto(f"{shop.url}/c")
    assert await page.locator(".card").count() == 12
    await page.locator("[data-next] a").click()
    await page.locator(".card").nth(23).wait_for()
    assert await page.locator(".card").count() == 24
    focused = await page.evaluate(
        "[...document.querySelectorAll('.card')].indexOf(document.activeElement.parentElement)"
    )
    assert focused == 12


async def test_language_and_currency_switch(page: Any, shop: RunningShop) -> None:
    await speak(page, shop, "pt-BR")
    await page.goto(f"{shop.url}/p/{CUP}")
    await page.get_by_role("button", name="English").click()
    await page.get_by_role("heading", name="Aurora Mug").wait_for()
    assert await page.locator("html").get_attribute("lang") == "en"
    await page.get_by_role("button", name="US dollars").click()
    price = shop.catalog.by_slug[CUP].variants[0].prices["USD"]
    await page.get_by_text(f"${price // 100}.{price % 100:02}", exact=True).wait_for()
    assert page.url == f"{shop.url}/p/{CUP}"


async def test_switching_the_language_keeps_the_chosen_variant(page: Any, shop: RunningShop) -> None:
    await speak(page, shop, "pt-BR")
    await page.goto(f"{shop.url}/p/{COFFEE}")
    await page.get_by_role("link", name="1 kg").click()
    await page.get_by_text("R$ 149,00").first.wait_for()
    await page.get_by_role("button", name="English").click()
    await page.get_by_role("heading", name="Serra Lenta Coffee").wait_for()
    assert page.url == f"{shop.url}/p/{COFFEE}?sku=CAF-SERRA-1K-GR"


async def test_a_form_is_sent_the_plain_way_when_the_script_cannot_reach_the_shop(page: Any, shop: RunningShop) -> None:
    await speak(page, shop, "en")
    await add(page, shop, CUP)
    await page.goto(f"{shop.url}/cart")
    await page.evaluate("void (window.fetch = () => Promise.reject(new TypeError('offline')))")
    await page.get_by_role("button", name="One more of Aurora Mug").click()
    await page.get_by_text("Total (2 items)").wait_for()
    assert list(shop.quantities().values()) == [2]


async def test_a_cart_moves_to_another_currency_only_with_consent(page: Any, shop: RunningShop) -> None:
    await speak(page, shop, "en")
    await add(page, shop, CUP)
    await page.get_by_role("button", name="US dollars").click()
    await page.get_by_role("heading", name="Move your cart to US dollars?").wait_for()
    assert [cart.currency for cart in shop.carts.carts.values()] == ["BRL"]
    await page.get_by_role("button", name="Continue in US dollars").click()
    await page.get_by_text("Done: your cart, at today's prices.").wait_for()
    assert [cart.currency for cart in shop.carts.carts.values()] == ["USD"]
    assert (await page.locator(".summary dd").inner_text()).startswith("$")


@pytest.mark.parametrize("scripted", [True, False])
async def test_a_double_click_adds_once(page: Any, scriptless: Any, shop: RunningShop, scripted: bool) -> None:
    tab = page if scripted else scriptless
    await tab.goto(f"{shop.url}/p/{CUP}")
    await tab.locator("#add").dblclick()
    await tab.locator(".flash").wait_for()
    await tab.goto(f"{shop.url}/cart")
    assert list(shop.quantities().values()) == [1]


async def test_going_back_and_adding_again_adds_again(page: Any, shop: RunningShop) -> None:
    await add(page, shop, CUP)
    await page.goto(f"{shop.url}/cart")
    await page.go_back()
    await page.locator("#add").click()
    await page.locator(".flash").wait_for()

    async def twice() -> bool:
        return list(shop.quantities().values()) == [2]

    await eventually(twice)
    assert await page.locator(".flash").is_visible()


async def test_a_moved_price_is_noted_before_any_checkout(page: Any, shop: RunningShop) -> None:
    await speak(page, shop, "en")
    await add(page, shop, CUP)
    variant = shop.catalog.by_slug[CUP].variants[0]
    shop.catalog.reprice(variant.sku, {"BRL": 12_345})
    await page.goto(f"{shop.url}/cart")
    added = f"R${variant.prices['BRL'] // 100}.{variant.prices['BRL'] % 100:02}"
    note = await page.locator(".line-note").inner_text()
    assert note == f"Was added at {added}, now R$123.45; the checkout will ask you."
    assert await page.locator(".note").count() == 1


@pytest.mark.parametrize("wrong", ["0", "100000", "letters"])
async def test_a_wrong_quantity_is_refused_in_words(page: Any, shop: RunningShop, wrong: str) -> None:
    await speak(page, shop, "en")
    await page.goto(f"{shop.url}/p/{CUP}")
    await page.evaluate(
        "wrong => { const f = document.getElementById('quantity'); f.type = 'text'; f.value = wrong }", wrong
    )
    await page.locator("#add").click()
    await page.locator(".flash-problem").wait_for()
    assert "quantity" in await page.locator(".flash-problem").inner_text()
    assert shop.quantities() == {}


async def test_an_unknown_sku_and_a_garbage_cookie_are_survived(page: Any, shop: RunningShop) -> None:
    await speak(page, shop, "en")
    await page.context.add_cookies([{"name": "renga_cart", "value": "garbage", "url": shop.url}])
    await page.goto(f"{shop.url}/p/{CUP}")
    await page.evaluate("document.querySelector('input[name=sku]').value = 'NO-SUCH-SKU'")
    await page.locator("#add").click()
    await page.get_by_role("heading", name="This item is not in the shop").wait_for()
    assert shop.quantities() == {}
    await add(page, shop, CUP)
    assert list(shop.quantities().values()) == [1]


async def test_an_outage_of_the_cart_loses_nothing(page: Any, shop: RunningShop) -> None:
    await speak(page, shop, "en")
    await page.goto(f"{shop.url}/p/{CUP}")
    shop.carts.trouble = StoreUnavailable()
    await page.locator("#add").click()
    await page.get_by_role("heading", name="The cart rests a moment").wait_for()
    shop.carts.trouble = None
    await page.get_by_role("button", name="Try again").click()
    await page.locator(".flash").wait_for()
    assert list(shop.quantities().values()) == [1]


@pytest.mark.parametrize("language", ["pt-BR", "en"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_no_page_has_a_barrier_or_scrolls_sideways(
    page: Any, shop: RunningShop, language: str, size: dict[str, int]
) -> None:
    complaints = watch(page)
    await page.set_viewport_size(size)
    await page.emulate_media(reduced_motion="reduce")
    await speak(page, shop, language)
    found = []
    for path in ("/", "/c", "/c/cafe-e-cha", f"/p/{COFFEE}", "/p/cafe-quintal", "/cart", "/nowhere"):
        await page.goto(f"{shop.url}{path}")
        found += await _barriers(page, path)
    await add(page, shop, CUP)
    found += await _barriers(page, "flash")
    shop.catalog.reprice(shop.catalog.by_slug[CUP].variants[0].sku, {"BRL": 1, "USD": 1})
    for path in ("/cart", "/cart/currency?to=USD"):
        await page.goto(f"{shop.url}{path}")
        found += await _barriers(page, path)
    shop.carts.trouble = StoreUnavailable()
    await page.goto(f"{shop.url}/cart")
    found += await _barriers(page, "503")
    shop.carts.trouble = None
    for cart_id in shop.carts.carts:
        shop.carts.expire(cart_id)
    await page.goto(f"{shop.url}/cart")
    found += await _barriers(page, "410")
    assert found == []
    assert complaints == []


async def _barriers(page: Any, where: str) -> list[str]:
    """What axe (WCAG and best practice) finds, and whether the page is wider than the screen."""
    results = await Axe().run(page)
    found = [f"{where}: {violation['id']}: {violation['help']}" for violation in results.response["violations"]]
    wide = await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return [*found, f"{where}: wider than the screen"] if wide else found
