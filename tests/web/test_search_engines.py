"""What search engines and social networks find: robots.txt, sitemaps, icons, canonical addresses, descriptions, pictures."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

import msgspec
import pytest

from renga.domains.catalog.contract import Product
from renga.frontends.web import sitemap
from renga.frontends.web.descriptions import DESCRIPTION_CHARS_MAX, described
from renga.frontends.web.sitemap import PART_POSITIONS, parts
from tests.catalog.fake import FakeCatalog
from tests.catalog.samples import CUP
from tests.web.shopper import Shopper

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


def locations(text: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(text).iterfind(".//s:loc", NAMES)]


def many(count: int) -> list[Product]:
    return [msgspec.structs.replace(CUP, slug=f"cup-{n}", id=f"id-{n}") for n in range(count)]


async def test_robots_are_kept_from_what_is_somebodys_own_and_shown_the_sitemap() -> None:
    async with Shopper() as visitor:
        answer = await visitor.get("/robots.txt")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert {"Disallow: /cart", "Disallow: /account", "Disallow: /search"} < set(lines)
    assert "Disallow: /" not in lines
    assert lines[-1] == "Sitemap: http://shop.test/sitemap.xml"


async def test_the_sitemap_names_every_page_in_every_language_with_all_the_others() -> None:
    async with Shopper() as visitor:
        index = await visitor.get("/sitemap.xml")
        assert index.headers["content-type"] == "application/xml"
        assert locations(index.text) == ["http://shop.test/sitemap/pages.xml", "http://shop.test/sitemap/0.xml"]
        pages = await visitor.get("/sitemap/pages.xml")
        assert locations(pages.text)[:4] == ["http://shop.test/", "http://shop.test/?lang=en",
                                             "http://shop.test/c", "http://shop.test/c?lang=en"]  # fmt: skip
        assert "http://shop.test/c/table" in locations(pages.text)
        products = await visitor.get("/sitemap/0.xml")
        assert locations(products.text) == [
            f"http://shop.test/p/{slug}{lang}" for slug in ("cup", "lamp") for lang in ("", "?lang=en")
        ]
        for entry in ElementTree.fromstring(products.text).iterfind("s:url", NAMES):
            tags = [link.get("hreflang") for link in entry.iterfind("x:link", NAMES)]
            assert tags == ["pt-BR", "en", "x-default"]
        for address in [*locations(pages.text), *locations(products.text)]:
            visitor.http.cookies.clear()  # a language that an address named is kept
            page = await visitor.get(address.removeprefix("http://shop.test"))
            assert page.status_code == 200
            assert f'<link rel="canonical" href="{address}">' in page.text


@pytest.mark.parametrize("path", ["/sitemap/1.xml", "/sitemap/-1.xml", "/sitemap/00.xml", "/sitemap/0", "/sitemap/x.xml",
                                  "/sitemap/99999.xml", "/sitemap/999999.xml", "/sitemap/٣.xml"])  # fmt: skip
async def test_a_part_that_is_not_there_is_not_found(path: str) -> None:
    async with Shopper() as visitor:
        assert (await visitor.get(path)).status_code == 404


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1000, 1001, 3500])
async def test_parts_hold_every_product(count: int) -> None:
    catalog = FakeCatalog(many(count))
    async with Shopper(catalog=catalog) as visitor:
        found = locations((await visitor.get("/sitemap.xml")).text)
        assert len(found) == 1 + -(-count // PART_POSITIONS)
        told = [one for address in found[1:] for one in locations((await visitor.get(address[16:])).text)]
    assert {one for one in told if "?lang" not in one} == {f"http://shop.test/p/cup-{n}" for n in range(count)}


class Sparse(FakeCatalog):
    """A catalogue whose positions have gaps: product n stands at ``step * (n + 1)``."""

    def __init__(self, products: Sequence[Product], step: int) -> None:
        super().__init__(products)
        self._step = step
        self.scans = 0

    async def scan(self, *, after: int = 0, limit: int = 500) -> tuple[Sequence[Product], int | None]:
        self.scans += 1
        standing = [(self._step * (n + 1), one) for n, one in enumerate(self.by_slug.values())]
        found = [(position, one) for position, one in standing if position > after][:limit]
        return [one for _, one in found], found[-1][0] if len(found) == limit else None


async def test_gaps_leave_no_product_out_and_counting_takes_few_reads() -> None:
    catalog = Sparse(many(700), step=1_000)
    count = await parts(catalog)
    assert (count, catalog.scans < 40) == (1_400, True)
    found = set()
    for part in range(count):
        products, _ = await catalog.scan(after=part * PART_POSITIONS, limit=PART_POSITIONS)
        assert products
        found |= {one.slug for one in products}
    assert found == set(catalog.by_slug)


async def test_a_product_that_is_not_sold_is_in_no_sitemap() -> None:
    hidden = msgspec.structs.replace(CUP, slug="hidden", channels=())
    async with Shopper(catalog=FakeCatalog([CUP, hidden])) as visitor:
        found = locations((await visitor.get("/sitemap/0.xml")).text)
    assert "http://shop.test/p/cup" in found
    assert [one for one in found if "hidden" in one] == []


async def test_addresses_are_escaped() -> None:
    odd = msgspec.structs.replace(CUP, slug="a&b")
    async with Shopper(catalog=FakeCatalog([odd])) as visitor:
        assert locations((await visitor.get("/sitemap/0.xml")).text)[0] == "http://shop.test/p/a&b"


async def test_the_icon_is_where_every_browser_looks() -> None:
    async with Shopper() as visitor:
        icon = await visitor.get("/favicon.ico")
    assert (icon.status_code, icon.headers["content-type"]) == (200, "image/x-icon")
    assert icon.content[:4] == b"\0\0\1\0"
    assert icon.headers["cache-control"] == "public, max-age=86400"


@pytest.mark.parametrize("path", ["/", "/p/cup", "/c", "/c/table"])
@pytest.mark.parametrize(("language", "lang"), [("pt-BR", ""), ("en", "?lang=en")])
async def test_each_language_of_a_page_has_its_own_canonical_address(path: str, language: str, lang: str) -> None:
    async with Shopper() as visitor:
        page = (await visitor.get(f"{path}{lang}")).text
    assert f'<link rel="canonical" href="http://shop.test{path}{lang}">' in page
    assert f'<meta property="og:url" content="http://shop.test{path}{lang}">' in page
    found = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page))
    base = f"http://shop.test{path}"
    assert found == {"pt-BR": base, "en": f"{base}?lang=en", "x-default": base}


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("/media/" + "a" * 64, "http://shop.test/media/" + "a" * 64 + "/1280.jpg"),
        ("https://cdn.test/a.PNG?v=1", "https://cdn.test/a.PNG?v=1"),
        ("/pictures/a.jpeg", "http://shop.test/pictures/a.jpeg"),
        ("/media/demo/cup.svg", None),
        ("https://cdn.test/a.webp", None),
        (None, None),
    ],
)
async def test_the_social_picture_is_jpeg_or_png(image: str | None, shown: str | None) -> None:
    variants = tuple(msgspec.structs.replace(one, image=None) for one in CUP.variants)
    cup = msgspec.structs.replace(CUP, image=image, variants=variants)
    async with Shopper(catalog=FakeCatalog([cup])) as visitor:
        page = (await visitor.get("/p/cup")).text
        found = re.findall(r'<meta property="og:image" content="([^"]+)">', page)
        assert len(found) == 1
        if shown is not None:
            assert found == [shown]
            return
        card = await visitor.get(found[0].removeprefix("http://shop.test"))
    assert (card.headers["content-type"], card.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert "content-encoding" not in card.headers


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Curto.", "Curto."),
        ("a" * DESCRIPTION_CHARS_MAX, "a" * DESCRIPTION_CHARS_MAX),
        ("palavra " * 40, "palavra " * 19 + "palavra…"),
        ("uma, " * 40, "uma, " * 31 + "uma…"),
        ("a" * 300, "a" * (DESCRIPTION_CHARS_MAX - 1) + "…"),
        ("duas\n linhas\t aqui", "duas linhas aqui"),
    ],
)
def test_a_description_ends_at_a_word(text: str, shown: str) -> None:
    assert described(text) == shown
    assert len(described(text)) <= DESCRIPTION_CHARS_MAX


async def test_a_products_description_is_not_cut_within_a_word() -> None:
    cup = msgspec.structs.replace(CUP, description={"pt-BR": "extraordinariamente " * 30})
    async with Shopper(catalog=FakeCatalog([cup])) as visitor:
        page = (await visitor.get("/p/cup")).text
    for name in ('name="description"', 'property="og:description"'):
        found = re.search(rf'<meta {name} content="([^"]*)">', page)
        assert found
        assert found[1].endswith("extraordinariamente…")
        assert len(found[1]) <= DESCRIPTION_CHARS_MAX


def test_the_parts_stay_within_the_protocol() -> None:
    assert sitemap.PARTS_MAX + 1 <= 50_000
