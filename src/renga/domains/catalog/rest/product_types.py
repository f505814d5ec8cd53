"""REST: product types with their typed attributes, which belong to the whole shop."""

from typing import Any, Protocol

from litestar.handlers import HTTPRouteHandler

from renga.domains.catalog.contract import ProductChanged, ProductType, ProductTypeNotFound
from renga.domains.catalog.rest import documents, examples, shelf
from renga.domains.catalog.taxonomy.change_product_type import ProductTypeInUse


class ProductTypes(Protocol):
    """What is needed of the catalogue."""

    async def product_types(self) -> tuple[ProductType, ...]: ...

    async def put_product_type(
        self, code: str, row: dict[str, Any], *, expected_version: int | None = None
    ) -> ProductType: ...

    async def drop_product_type(self, code: str, *, expected_version: int | None = None) -> None: ...


def routes(catalog: ProductTypes) -> list[HTTPRouteHandler]:
    """The handlers of ``/product-types``."""

    async def read(code: str) -> ProductType:
        found = next((one for one in await catalog.product_types() if one.code == code), None)
        if found is None:
            raise ProductTypeNotFound()
        return found

    return shelf.routes(
        shelf.Shelf(
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
            put=lambda code, row, version: catalog.put_product_type(code, row, expected_version=version),
            drop=lambda code, version: catalog.drop_product_type(code, expected_version=version),
            errors=(ProductChanged,),
            drop_errors=(ProductTypeInUse,),
            note="Products of the type that exist are checked when they are written next.",
        )
    )
