"""REST: manual and rule collections (needs ``catalog:manage``)."""

from litestar.handlers import HTTPRouteHandler

from renga.domains.catalog.contract import CatalogManagement, CollectionNotFound, ProductChanged
from renga.domains.catalog.rest import documents, examples, taxonomy


def routes(catalog: CatalogManagement) -> list[HTTPRouteHandler]:
    """The handlers of ``/collections``."""
    return taxonomy.routes(
        taxonomy.TaxonomyKind(
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
            put=lambda caller, slug, row, version: catalog.put_collection(caller, slug, row, expected_version=version),
            drop=lambda caller, slug, version: catalog.drop_collection(caller, slug, expected_version=version),
            errors=(ProductChanged,),
            drop_errors=(ProductChanged,),
            note="`products` lists slugs manually; a `rule` selects products automatically, within seconds.",
        )
    )
