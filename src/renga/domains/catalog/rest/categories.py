"""REST: the tree of categories (needs ``catalog:manage``)."""

from litestar.handlers import HTTPRouteHandler

from renga.domains.catalog.contract import (
    CatalogManagement,
    Category,
    CategoryCycle,
    CategoryInUse,
    CategoryNotFound,
    ProductChanged,
)
from renga.domains.catalog.rest import documents, examples, taxonomy


def routes(catalog: CatalogManagement) -> list[HTTPRouteHandler]:
    """The handlers of ``/categories``."""

    async def read(slug: str) -> Category:
        found = next((one for one in await catalog.categories() if one.slug == slug), None)
        if found is None:
            raise CategoryNotFound()
        return found

    return taxonomy.routes(
        taxonomy.TaxonomyKind(
            path="categories",
            singular="category",
            operation="Category",
            plural="Categories",
            view=documents.ManagedCategory,
            views=documents.ManagedCategories,
            row=documents.CategoryRow,
            patch=documents.CategoryPatch,
            example={"slug": "canecas", **examples.CATEGORY},
            missing=CategoryNotFound,
            all=lambda: catalog.categories(),
            read=read,
            put=lambda caller, slug, row, version: catalog.put_category(caller, slug, row, expected_version=version),
            drop=lambda caller, slug, version: catalog.drop_category(caller, slug, expected_version=version),
            errors=(CategoryNotFound, CategoryCycle, ProductChanged),
            drop_errors=(CategoryInUse, ProductChanged),
            note="`parent` is the slug of its parent category; the tree must not have cycles.",
        )
    )
