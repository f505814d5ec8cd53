"""Search and the shelves over HTTP: what is found, narrowed and sorted, in words and addresses, and what an outage leaves."""

import re

import pytest

from renga.domains.search.contract import Filter, SearchQuery, SearchUnavailable
from renga.platform.telemetry.degraded import count_degraded
from tests.catalog.fake import FakeCatalog
from tests.web.shopper import Shopper, text_of


def searchable(**named: object) -> Shopper:
    return Shopper(searchable=True, catalog=FakeCatalog.demo(), **named)  # type: ignore[arg-type]  # headers only


def found(page: str) -> list[str]:
    return re.findall(r'class="card">\s*<a href="/p/([^"]+)"', page)


async def test_a_search_shows_what_was_found_and_how_much() -> None:
    async with searchable() as visitor:
        page = await visitor.get("/search?q=caneca")
    assert page.status_code == 200
    assert found(page.text) == ["caneca-aurora"]
    assert "1 produto" in text_of(page)
    assert '<meta name="robots" content="noindex">' in page.text
    assert 'name="q" type="search" value="caneca"' in page.text


async def test_words_that_find_nothing_get_a_page_with_ways_on() -> None:
    async with searchable() as visitor:
        page = await visitor.get("/search?q=zzyzx")
    assert (page.status_code, found(page.text)) == (200, [])
    assert "Não encontramos nada para “zzyzx”" in text_of(page)
    assert 'href="/c/cafe-e-cha"' in page.text


async def test_what_was_typed_is_shown_escaped() -> None:
    async with searchable() as visitor:
        page = await visitor.get(
            "/search",
        )
        hostile = await visitor.http.get("/search", params={"q": '"><script>alert(1)</script>'})
    assert page.status_code == 200
    assert "<script>alert" not in hostile.text


async def test_a_correction_says_what_is_shown_instead_and_a_better_word_is_offered() -> None:
    async with searchable() as visitor:
        visitor.search.corrections["canecca"] = "caneca"
        visitor.search.meant["cafe"] = "café serra"
        corrected = await visitor.get("/search?q=canecca")
        meant = await visitor.get("/search?q=cafe")
    assert "Nada foi encontrado para “canecca”. Mostramos o que há para “caneca”." in text_of(corrected)
    assert found(corrected.text) == ["caneca-aurora"]
    assert 'Você quis dizer <a href="/search?q=caf%C3%A9+serra">café serra</a>' in meant.text


async def test_facets_narrow_by_address_and_can_be_undone_one_by_one() -> None:
    async with searchable() as visitor:
        page = await visitor.get("/c?brand=Torra+do+Alpendre&price.from=10%2C00&price.to=1.000,00&sort=price_desc")
        asked = visitor.search.asked[-1]
    assert asked == SearchQuery(
        language="pt-BR",
        currency="BRL",
        filters=(
            Filter(facet="brand", values=("Torra do Alpendre",)),
            Filter(facet="price", at_least=1000, at_most=100_000),
        ),
        sort="price_desc",
        limit=12,
    )
    assert re.findall(r'name="brand" value="Torra do Alpendre" checked', page.text) == [
        'name="brand" value="Torra do Alpendre" checked'
    ]
    assert 'name="price.from" value="10.00"' in page.text
    chosen = re.search(r'<ul class="chips chosen".*?</ul>', page.text, re.S)
    assert chosen
    assert re.findall(r'href="([^"]+)"', chosen[0]) == [
        "/c?price.from=10.00&amp;price.to=1000.00&amp;sort=price_desc",
        "/c?brand=Torra+do+Alpendre&amp;sort=price_desc",
        "/c?sort=price_desc",
    ]
    assert "Preço: R$ 10,00 a R$ 1.000,00" in text_of(page)


async def test_several_values_of_one_facet_are_any_of_them() -> None:
    async with searchable() as visitor:
        await visitor.get("/c?brand=A&brand=B&brand=A")
        asked = visitor.search.asked[-1]
    assert asked.filters == (Filter(facet="brand", values=("A", "B")),)


@pytest.mark.parametrize(
    "query",
    ["price.from=abc", "price.to=1e9", "sort=sideways", "nonsense=1", "brand=%00", "attribute.=x", "price.from=NaN"],
)
async def test_what_is_wrong_in_an_address_is_left_out(query: str) -> None:
    async with searchable() as visitor:
        page = await visitor.get(f"/c?{query}")
        asked = visitor.search.asked[-1]
    assert page.status_code == 200
    assert asked == SearchQuery(language="pt-BR", currency="BRL", limit=12)


async def test_a_cursor_that_is_none_leads_to_the_first_page() -> None:
    async with searchable() as visitor:
        shelf = await visitor.get("/c/cafe-e-cha?cursor=nonsense")
        search = await visitor.get("/search?q=caneca&cursor=nonsense&sort=title")
    assert (shelf.status_code, shelf.headers["location"]) == (303, "/c/cafe-e-cha")
    assert (search.status_code, search.headers["location"]) == (303, "/search?q=caneca&sort=title")


async def test_a_shelf_is_paged_with_its_filters() -> None:
    async with searchable() as visitor:
        page = await visitor.get("/c?sort=title")
        further = re.search(r'rel="next" href="([^"]+)"', page.text)
        assert further
        second = await visitor.get(further[1].replace("&amp;", "&"))
    assert further[1] == "/c?sort=title&amp;cursor=12"
    assert len(set(found(page.text) + found(second.text))) == 24


async def test_while_search_is_away_a_shelf_is_whole_and_says_so() -> None:
    async with searchable() as visitor:
        before = _degraded("search")
        visitor.search.trouble = SearchUnavailable()
        page = await visitor.get("/c/cafe-e-cha?brand=Nobody&sort=title")
    assert page.status_code == 200
    assert len(found(page.text)) > 3
    assert "A busca descansa um momento" in text_of(page)
    assert _degraded("search") == before + 1


async def test_while_search_is_away_its_own_page_says_so_with_a_time_to_come_again() -> None:
    async with searchable() as visitor:
        visitor.search.trouble = SearchUnavailable()
        page = await visitor.get("/search?q=caneca")
        hints = await visitor.get("/search/suggest?q=can")
    assert (page.status_code, page.headers["retry-after"]) == (503, "1")
    assert (hints.status_code, hints.json()) == (200, [])


async def test_an_unknown_shelf_is_not_found() -> None:
    async with searchable() as visitor:
        page = await visitor.get("/c/nowhere")
    assert page.status_code == 404
    assert visitor.search.asked == []


async def test_suggestions_lead_to_products_shelves_and_searches() -> None:
    async with searchable(headers={"accept-language": "en"}) as visitor:
        answer = await visitor.get("/search/suggest?q=tab")
    assert answer.headers["vary"] == "Cookie, Accept-Language"
    hints = answer.json()
    assert hints[0] == {"kind": "query", "text": "tab", "url": "/search?q=tab", "label": "", "image": None}
    assert {
        "kind": "category",
        "text": "Table & ceramics",
        "url": "/c/mesa-e-ceramica",
        "label": "Category",
        "image": None,
    } in hints


async def test_a_shop_without_search_has_no_field_and_no_page() -> None:
    async with Shopper() as visitor:
        home, page = await visitor.get("/"), await visitor.get("/search?q=cup")
    assert 'role="search"' not in home.text
    assert page.status_code == 404


def _degraded(what: str) -> float:
    from prometheus_client import REGISTRY

    count_degraded("nothing")  # so that the metric is there
    return REGISTRY.get_sample_value("renga_degraded_total", {"what": what}) or 0.0
