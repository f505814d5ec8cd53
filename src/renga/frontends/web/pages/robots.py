"""What programs ask of a site at addresses that are the same everywhere: robots.txt (RFC 9309), sitemaps, favicon.ico."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from renga.frontends.web import sitemap
from renga.frontends.web.errors import PageNotFound
from renga.frontends.web.shop import Shop
from renga.platform.http.gate import OPEN

#: What is somebody's own, and what every address of would be another page of the same.
CLOSED = ("/account", "/cart", "/login", "/logout", "/oauth/", "/recover", "/register", "/search", "/verify")
_DAY = {"cache-control": "public, max-age=86400"}
_HOUR = {"cache-control": "public, max-age=3600"}
#: Longer numbers are no part's.
_DIGITS_MAX = 5


def handlers(shop: Shop) -> list[Any]:
    robots = "".join(
        ("User-agent: *\n", *(f"Disallow: {path}\n" for path in CLOSED), f"\nSitemap: {shop.base}/sitemap.xml\n")
    )

    @get("/robots.txt", include_in_schema=False, opt=OPEN)
    async def robots_txt() -> Response[str]:
        return Response(robots, media_type="text/plain", headers=_DAY)

    @get("/favicon.ico", include_in_schema=False, opt=OPEN)
    async def favicon(request: Request[Any, Any, Any]) -> Response[bytes]:
        return shop.assets.plain("favicon.ico", _DAY)

    @get("/sitemap.xml", include_in_schema=False)
    async def sitemap_index() -> Response[str]:
        return _xml(await sitemap.index(shop))

    @get("/sitemap/{name:str}", include_in_schema=False)
    async def sitemap_part(name: FromPath[str]) -> Response[str]:
        part = name.removesuffix(".xml")
        if part == name:
            raise PageNotFound
        if part == "pages":
            return _xml(await sitemap.pages(shop))
        if not (part.isascii() and part.isdigit() and len(part) <= _DIGITS_MAX and str(int(part)) == part):
            raise PageNotFound
        found = await sitemap.products(shop, int(part))
        if found is None:
            raise PageNotFound
        return _xml(found)

    return [robots_txt, favicon, sitemap_index, sitemap_part]


def _xml(text: str) -> Response[str]:
    return Response(text, media_type="application/xml", headers=_HOUR)
