"""REST: the tree of categories, which belongs to the whole shop."""

from typing import Any, Protocol

from litestar.handlers import HTTPRouteHandler

from renga.domains.catalog.contract import Category, CategoryCycle, CategoryNotFound, ProductChanged
from renga.domains.catalog.rest import documents, examples, shelf
from renga.domains.catalog.taxonomy.change_category import CategoryInUse


class Categories(Protocol):
    """What is needed of the catalogue."""

    async def categories(self) -> tuple[Category, ...]: ...

    async def put_category(
        self, slug: str, row: dict[str, Any], *, expected_version: int | None = None
    ) -> Category: ...

    async def drop_category(self, slug: str, *, expected_version: int | None = None) -> None: ...


def routes(catalog: Categories) -> list[HTTPRouteHandler]:
    """The handlers of ``/categories``."""

    async def read(slug: str) -> Category:
        found = next((one for one in await catalog.categories() if one.slug == slug), None)
        if found is None:
            raise CategoryNotFound()
        return found

    return shelf.routes(
        shelf.Shelf(
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
            put=lambda slug, row, version: catalog.put_category(slug, row, expected_version=version),
            drop=lambda slug, version: catalog.drop_category(slug, expected_version=version),
            errors=(CategoryNotFound, CategoryCycle, ProductChanged),
            drop_errors=(CategoryInUse, ProductChanged),
            note="`parent` is the slug of the category above it; one cannot stand below itself.",
        )
    )
