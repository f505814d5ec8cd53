"""Home, category and product over HTTP: what they show, in which language, under which headers."""

import json
import re

import msgspec
import pytest

from renga.domains.cart.contract import StoreUnavailable
from renga.domains.catalog.contract import Measure
from renga.kernel.errors import Unavailable
from tests.catalog.fake import FakeCatalog
from tests.catalog.samples import CUP
from tests.web.shopper import BASE, Shopper, hidden, text_of


async def test_home_shows_the_haiku_the_categories_and_a_product_of_each() -> None:
    async with Shopper() as visitor:
        page = await visitor.get("/")
    words = text_of(page)
    assert page.status_code == 200
    assert '<html lang="pt-BR">' in page.text
    assert "Cliques compram sonhos Carrinho leva desejos Entrega sorri" in words
    assert re.findall(r'class="card">\s*<a href="([^"]+)"', page.text) == ["/p/cup", "/p/lamp"]
    assert "/c/table" in page.text
    assert "a partir de R$ 89,00" in words


async def test_a_page_is_personal_and_holds_under_a_strict_content_policy() -> None:
    async with Shopper() as visitor:
        page = await visitor.get("/p/cup")
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["vary"] == "Cookie, Accept-Language"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'self'; ")
    scripts = re.findall(r"<script ([^>]*)>", page.text)
    assert [s for s in scripts if "src=" not in s] == ['type="application/ld+json"']
    assert re.findall(r"<style|\sstyle=|\son\w+=", page.text) == []


async def test_a_first_visit_is_answered_in_the_browsers_language_and_in_reais() -> None:
    async with Shopper(headers={"accept-language": "en-GB,en;q=0.9"}) as visitor:
        page = await visitor.get("/p/cup")
    assert '<html lang="en">' in page.text
    assert "R$89.00" in text_of(page)
    assert "Add to cart" in text_of(page)


async def test_titles_are_escaped_in_the_page_and_in_its_data() -> None:
    async with Shopper() as visitor:
        page = await visitor.get("/p/cup")
    assert "<h1>Caneca &lt;Aurora&gt;</h1>" in page.text
    assert "<Aurora>" not in page.text
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text)
    assert data
    assert json.loads(data[1])["name"] == "Caneca <Aurora>"


async def test_a_products_data_names_every_offer_for_search_engines() -> None:
    async with Shopper() as visitor:
        page = await visitor.get("/p/cup?sku=CUP-BLUE")
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text)
    assert found
    data = json.loads(found[1])
    assert data["@type"] == "Product"
    assert data["gtin"] == "2007000010372"
    assert data["image"] == f"{BASE}/media/demo/caneca-aurora.svg"
    assert data["offers"][0] == {
        "@type": "Offer",
        "sku": "CUP-BLUE",
        "price": "89.00",
        "priceCurrency": "BRL",
        "availability": "https://schema.org/InStock",
        "url": f"{BASE}/p/cup?sku=CUP-BLUE",
    }
    assert len(data["offers"]) == 6


async def test_pages_name_their_canonical_address_and_their_other_language() -> None:
    async with Shopper() as visitor:
        page = await visitor.get("/p/cup?sku=CUP-CLAY&lang=en")
        again = await visitor.get("/p/cup")
    assert f'<link rel="canonical" href="{BASE}/p/cup?lang=en">' in page.text
    assert f'<link rel="alternate" hreflang="pt-BR" href="{BASE}/p/cup">' in page.text
    assert f'<link rel="alternate" hreflang="en" href="{BASE}/p/cup?lang=en">' in page.text
    assert f'<link rel="alternate" hreflang="x-default" href="{BASE}/p/cup">' in page.text
    assert '<meta property="og:image" content="http://shop.test/static/social.' in page.text
    assert '<html lang="en">' in again.text, "a language named by an address is kept"


async def test_choosing_a_variant_shows_its_price_and_picture_and_links_to_the_nearest_others() -> None:
    async with Shopper() as visitor:
        page = await visitor.get("/p/cup?sku=CUP-CLAY-L")
    assert "R$ 1.234,56" in text_of(page)
    assert 'src="/media/demo/caneca-aurora-terra.svg" alt="Caneca &lt;Aurora&gt;, Barro, Grande"' in page.text
    assert hidden(page, "sku") == ["CUP-CLAY-L"]
    choices = re.findall(r'href="/p/cup\?sku=([^"]+)" data-choice( aria-current="true")?', page.text)
    assert choices == [
        ("CUP-BLUE", ""),
        ("CUP-CLAY-L", ' aria-current="true"'),
        ("CUP-CLAY", ""),
        ("CUP-CLAY-L", ' aria-current="true"'),
    ]


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (Measure(amount=250, unit="g"), "R$ 356,00 por kg"),
        (Measure(amount=0.75, unit="l"), "R$ 118,67 por litro"),
        (Measure(amount=4, unit="piece"), "R$ 22,25 por unidade"),
        (None, None),
    ],
)
async def test_a_measured_product_says_what_a_kg_or_litre_costs(measure: Measure | None, said: str | None) -> None:
    blue = msgspec.structs.replace(CUP.variants[0], measure=measure, cost={"BRL": 1777123})
    async with Shopper(catalog=FakeCatalog((msgspec.structs.replace(CUP, variants=(blue,)),))) as visitor:
        page = await visitor.get("/p/cup")
    words = text_of(page)
    assert "R$ 89,00" in words
    assert said is None or said in words
    assert (said is not None) == (" por " in words.partition("R$ 89,00")[2][:40])
    assert not any(told in page.text for told in ("1777123", "17.771,23"))


async def test_attributes_are_facts_in_the_visitors_language() -> None:
    async with Shopper() as visitor:
        words = text_of(await visitor.get("/p/cup"))
    assert "Dishwasher safe Sim Weight kg 0,4" in words


async def test_an_unknown_sku_in_the_address_shows_the_first_variant() -> None:
    async with Shopper() as visitor:
        page = await visitor.get("/p/cup?sku=%3Cscript%3E")
    assert page.status_code == 200
    assert hidden(page, "sku") == ["CUP-BLUE"]


async def test_what_is_not_sold_in_the_currency_says_so_and_cannot_be_added() -> None:
    async with Shopper() as visitor:
        await visitor.post("/preferences", currency="USD", back="/")
        page = await visitor.get("/p/lamp")
    assert "Esta opção não é vendida em dólares." in text_of(page)
    assert 'action="/cart/lines"' not in page.text


async def test_a_category_pages_through_its_products(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renga.frontends.web.listing.PAGE_SIZE", 1)
    async with Shopper() as visitor:
        first = await visitor.get("/c")
        second = await visitor.get("/c?cursor=1")
    assert re.findall(r'<a href="(/p/[^"]+)"', first.text) == ["/p/cup"]
    assert 'rel="next" href="/c?cursor=1"' in first.text
    assert re.findall(r'<a href="(/p/[^"]+)"', second.text) == ["/p/lamp"]
    assert 'rel="next"' not in second.text
    assert 'class="listing-first"' in second.text


async def test_a_category_shows_its_words_and_what_is_below_it() -> None:
    async with Shopper() as visitor:
        page = await visitor.get("/c/table")
        below = await visitor.get("/c/cups")
    assert "Louça de ateliê." in text_of(page)
    assert '<li><a href="/c/cups">Canecas</a></li>' in page.text
    assert '<li><a href="/c/table">Mesa</a></li>' in below.text
    assert "Esta prateleira está vazia" in text_of(below)


async def test_a_cursor_of_another_list_leads_to_the_first_page() -> None:
    async with Shopper() as visitor:
        answer = await visitor.get("/c/table?cursor=garbage")
        long = await visitor.get("/c/table?cursor=" + "9" * 2000)
    assert (answer.status_code, answer.headers["location"]) == (303, "/c/table")
    assert (long.status_code, long.headers["location"]) == (303, "/c/table")


@pytest.mark.parametrize("path", ["/nowhere", "/p/nothing", "/c/nothing", "/p/%00", "/c/" + "x" * 300, "/static/x.css"])
@pytest.mark.parametrize(
    ("language", "words"), [("pt-BR", "Não há nada neste caminho"), ("en", "nothing on this path")]
)
async def test_what_is_not_there_answers_404_in_the_visitors_language(path: str, language: str, words: str) -> None:
    async with Shopper() as visitor:
        visitor.http.cookies.set("renga_language", language)
        page = await visitor.get(path)
    assert page.status_code == 404
    assert words in text_of(page)
    assert '<meta name="robots" content="noindex">' in page.text


async def test_a_shop_whose_catalogue_is_away_rests_and_says_when_to_come_back() -> None:
    async with Shopper() as visitor:
        visitor.catalog.trouble = Unavailable(retry_after_s=7)
        page = await visitor.get("/p/cup")
    assert (page.status_code, page.headers["retry-after"]) == (503, "7")
    assert "As prateleiras descansam um momento" in text_of(page)
    assert '<a class="button" href="/p/cup">' in page.text


async def test_home_shows_the_price_of_this_moment() -> None:
    async with Shopper() as visitor:
        assert "R$ 89,00" in text_of(await visitor.get("/"))
        visitor.catalog.reprice(CUP.variants[0].sku, {"BRL": 1_234})
        page = await visitor.get("/")
    assert "R$ 12,34" in text_of(page)


async def test_home_outlives_an_outage_of_the_catalogue() -> None:
    async with Shopper() as visitor:
        await visitor.get("/")
        visitor.catalog.trouble = Unavailable()
        visitor.clock.advance(seconds=3600)
        page = await visitor.get("/")
    assert page.status_code == 200
    assert "/p/cup" in page.text
    assert "/c/table" in page.text


async def test_the_shop_stays_open_while_the_cart_store_is_away() -> None:
    async with Shopper() as visitor:
        await visitor.add()
        visitor.carts.trouble = StoreUnavailable()
        pages = [await visitor.get(path) for path in ("/", "/c/table", "/p/cup")]
    assert [page.status_code for page in pages] == [200, 200, 200]


async def test_a_fault_of_our_own_is_a_page_that_tells_nothing_of_the_inside() -> None:
    async with Shopper() as visitor:
        visitor.catalog.trouble = RuntimeError("secret detail")
        page = await visitor.get("/p/cup")
    assert page.status_code == 500
    assert "Algo se quebrou do nosso lado" in text_of(page)
    assert "secret detail" not in page.text


async def test_static_files_never_go_stale_and_are_small() -> None:
    async with Shopper() as visitor:
        page = await visitor.get("/")
        names = sorted(set(re.findall(r'"(/static/[^"]+)"', page.text)))
        files = {name.rpartition(".")[2]: await visitor.get(name) for name in names}
    assert sorted(files) == ["css", "js", "svg"]
    assert {f.headers["cache-control"] for f in files.values()} == {"public, max-age=31536000, immutable"}
    assert {kind: file.headers["content-type"] for kind, file in files.items()} == {
        "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml",
    }
    assert files["css"].headers["content-encoding"] == "gzip"
    assert len(files["css"].content) < 25 * 1024
    assert len(files["js"].content) < 8 * 1024


async def test_pictures_have_a_size_so_that_nothing_jumps() -> None:
    async with Shopper() as visitor:
        pages = [await visitor.get(path) for path in ("/", "/c/table", "/p/cup")]
    images = [image for page in pages for image in re.findall(r"<img [^>]+>", page.text)]
    assert len(images) == 6
    assert all(re.search(r' width="\d+" height="\d+"', image) and " alt=" in image for image in images)


async def test_a_product_without_variants_has_nothing_to_add() -> None:
    async with Shopper() as visitor:
        visitor.catalog.by_slug["cup"] = type(CUP)(
            id="x", slug="cup", version=1, title={"en": "Bare"}, created_at="", updated_at=""
        )
        page = await visitor.get("/p/cup")
    assert page.status_code == 200
    assert 'action="/cart/lines"' not in page.text
