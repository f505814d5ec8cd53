"""REST below ``/v1/catalog``: management of the catalogue by merchants and staff. Responses must not be cached."""

from typing import Protocol

from litestar import Router
from litestar.datastructures import CacheControlHeader

from renga.domains.catalog.contract import CatalogManagement
from renga.domains.catalog.rest import bulk, categories, collections, exports, media, prices, product_types, products
from renga.platform.media.library import MediaLibrary


class ManagedCatalog(CatalogManagement, exports.Exports, bulk.Bulks, Protocol):
    """What these handlers need: the management contract, exports and bulk upserts."""


def routes(catalog: ManagedCatalog, library: MediaLibrary, *, shop_url: str) -> list[Router]:
    """Every handler of the management API. ``shop_url`` is the public URL of the shop."""
    handlers = [
        *products.routes(catalog),
        *prices.routes(catalog),
        *bulk.routes(catalog, library.answers),
        *exports.routes(catalog, shop_url),
        *media.routes(library),
        *categories.routes(catalog),
        *collections.routes(catalog),
        *product_types.routes(catalog),
    ]
    return [
        Router(
            "/v1/catalog",
            route_handlers=handlers,
            tags=["catalog-management"],
            cache_control=CacheControlHeader(no_store=True, private=True),
        )
    ]
