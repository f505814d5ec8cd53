"""Searching in a real browser: suggestions by keyboard, filters without a reload, on a phone, and without JavaScript."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from axe_playwright_python.async_playwright import Axe

from renga.domains.search.contract import SearchUnavailable
from tests.browser.shop import RunningShop

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 900}


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> AsyncIterator[RunningShop]:
    running = RunningShop()
    await running.start()
    yield running
    await running.stop()


async def cards(page: Any) -> list[str]:
    found: list[str] = await page.locator("[data-grid] .card-title").all_inner_texts()
    return found


async def test_suggestions_are_chosen_by_keyboard(page: Any, shop: RunningShop) -> None:
    await page.set_viewport_size(DESK)
    await page.goto(f"{shop.url}/?lang=pt-BR")
    field = page.get_by_role("combobox", name="Buscar na loja")
    await field.press_sequentially("canec")
    option = page.get_by_role("option", name="Caneca Aurora")
    await option.wait_for()
    assert await field.get_attribute("aria-expanded") == "true"
    await field.press("ArrowUp")
    assert await option.get_attribute("aria-selected") == "true"
    await field.press("Enter")
    await page.wait_for_url("**/p/caneca-aurora")


async def test_escape_closes_the_suggestions_and_enter_searches(page: Any, shop: RunningShop) -> None:
    await page.goto(f"{shop.url}/?lang=pt-BR")
    field = page.get_by_role("combobox", name="Buscar na loja")
    await field.press_sequentially("vela")
    await page.get_by_role("listbox").wait_for()
    await field.press("Escape")
    assert not await page.get_by_role("listbox").is_visible()
    await field.press("Enter")
    await page.wait_for_url("**/search?q=vela")
    assert "Vela Vagar" in await cards(page)


async def test_filters_narrow_without_a_reload_and_the_way_back_works(page: Any, shop: RunningShop) -> None:
    await page.set_viewport_size(DESK)
    await page.goto(f"{shop.url}/c?lang=pt-BR")
    await page.evaluate("window.kept = true")
    everything = await cards(page)
    brand = page.locator('input[name="brand"]').first
    name = await brand.get_attribute("value")
    await brand.check()
    await page.get_by_text(f"Marca: {name}").wait_for()
    narrowed = await cards(page)
    assert narrowed != everything
    assert await page.evaluate("window.kept") is True
    assert "brand=" in page.url
    await page.go_back()
    await page.wait_for_function("window.kept === undefined && document.querySelector('[data-grid]')")
    assert await cards(page) == everything


async def test_on_a_phone_filters_fold_and_nothing_is_wider_than_the_screen(page: Any, shop: RunningShop) -> None:
    await page.set_viewport_size(PHONE)
    await page.goto(f"{shop.url}/search?q=ca&lang=pt-BR")
    assert not await page.locator(".facet").first.is_visible()
    await page.get_by_text("Filtros", exact=True).click()
    assert await page.locator(".facet").first.is_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_everything_works_without_javascript(browser: Any, page: Any, shop: RunningShop) -> None:
    context = await browser.new_context(java_script_enabled=False, locale="en")
    plain = await context.new_page()
    await plain.goto(f"{shop.url}/c?lang=en")
    await plain.locator('input[name="brand"]').first.check()
    await plain.get_by_role("button", name="Apply").first.click()
    assert "brand=" in plain.url
    await plain.locator("#q").fill("mug")
    await plain.get_by_role("button", name="Search").click()
    assert await cards(plain) == ["Aurora Mug"]
    await context.close()


async def test_listings_are_accessible(page: Any, shop: RunningShop) -> None:
    for path in ("/search?q=ca", "/c?price.from=10", "/search?q=zzyzx"):
        await page.goto(f"{shop.url}{path}")
        found = await Axe().run(page)
        assert [(one["id"], path) for one in found.response["violations"]] == []


async def test_an_outage_of_search_is_said_and_the_shelf_is_whole(page: Any, shop: RunningShop) -> None:
    shop.search.trouble = SearchUnavailable()
    await page.goto(f"{shop.url}/c/cafe-e-cha?lang=en")
    assert await page.get_by_text("Search is taking a rest").is_visible()
    assert len(await cards(page)) > 3
