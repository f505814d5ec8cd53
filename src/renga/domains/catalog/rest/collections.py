"""REST: collections by hand or by rule, which belong to the whole shop."""

from typing import Any, Protocol

from litestar.handlers import HTTPRouteHandler

from renga.domains.catalog.contract import Collection, CollectionNotFound, ProductChanged
from renga.domains.catalog.rest import documents, examples, shelf


class Collections(Protocol):
    """What is needed of the catalogue."""

    async def collections(self) -> tuple[Collection, ...]: ...

    async def collection(self, slug: str) -> Collection: ...

    async def put_collection(
        self, slug: str, row: dict[str, Any], *, expected_version: int | None = None
    ) -> Collection: ...

    async def drop_collection(self, slug: str, *, expected_version: int | None = None) -> None: ...


def routes(catalog: Collections) -> list[HTTPRouteHandler]:
    """The handlers of ``/collections``."""
    return shelf.routes(
        shelf.Shelf(
            path="collections",
            singular="collection",
            operation="Collection",
            plural="Collections",
            view=documents.ManagedCollection,
            views=documents.ManagedCollections,
            row=documents.CollectionRow,
            patch=documents.CollectionPatch,
            example={"slug": "ate-cem-reais", **examples.COLLECTION},
            missing=CollectionNotFound,
            all=lambda: catalog.collections(),
            read=lambda slug: catalog.collection(slug),
            put=lambda slug, row, version: catalog.put_collection(slug, row, expected_version=version),
            drop=lambda slug, version: catalog.drop_collection(slug, expected_version=version),
            errors=(ProductChanged,),
            drop_errors=(ProductChanged,),
            note="`products` lists slugs by hand; a `rule` fills it by itself, within seconds.",
        )
    )
