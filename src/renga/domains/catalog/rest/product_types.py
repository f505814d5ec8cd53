"""REST: product types with their typed attributes (needs ``catalog:manage``)."""

from litestar.handlers import HTTPRouteHandler

from renga.domains.catalog.contract import (
    CatalogManagement,
    ProductChanged,
    ProductType,
    ProductTypeInUse,
    ProductTypeNotFound,
)
from renga.domains.catalog.rest import documents, examples, taxonomy


def routes(catalog: CatalogManagement) -> list[HTTPRouteHandler]:
    """The handlers of ``/product-types``."""

    async def read(code: str) -> ProductType:
        found = next((one for one in await catalog.product_types() if one.code == code), None)
        if found is None:
            raise ProductTypeNotFound()
        return found

    return taxonomy.routes(
        taxonomy.TaxonomyKind(
            path="product-types",
            singular="product type",
            operation="ProductType",
            plural="ProductTypes",
            view=documents.ManagedProductType,
            views=documents.ManagedProductTypes,
            row=documents.ProductTypeRow,
            patch=documents.ProductTypePatch,
            example={"code": "mug", **examples.PRODUCT_TYPE},
            missing=ProductTypeNotFound,
            all=lambda: catalog.product_types(),
            read=read,
            put=lambda caller, code, row, version: catalog.put_product_type(
                caller, code, row, expected_version=version
            ),
            drop=lambda caller, code, version: catalog.drop_product_type(caller, code, expected_version=version),
            errors=(ProductChanged,),
            drop_errors=(ProductTypeInUse,),
            note="Existing products of the type are checked at their next write.",
        )
    )
