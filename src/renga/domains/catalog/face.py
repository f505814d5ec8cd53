"""The catalogue's part of the web application."""

from renga.domains.catalog import http
from renga.domains.catalog.contract import CatalogContracts
from renga.domains.catalog.rest import api
from renga.platform.http import media
from renga.platform.http.face import Face, HttpContext


def face_of(catalog: CatalogContracts, context: HttpContext) -> Face:
    """Public reads, and the management operations if the shop stores uploaded pictures."""
    managed = []
    if catalog.managed is not None and context.library is not None:
        managed = api.routes(catalog.managed, context.library, shop_url=context.public_url)
    return Face(
        routes=[*managed, *media.routes("/media/demo", "renga.domains.catalog", "demo/pictures")],
        operations=http.operations(catalog.cached),
        cached=("/v1/products", "/v1/products/", "/v1/categories"),
    )
