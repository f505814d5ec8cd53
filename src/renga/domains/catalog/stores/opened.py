"""What opening the catalogue's stores gives, whichever engine they are on."""

from collections.abc import Awaitable, Callable

import msgspec

from renga.domains.catalog.ports import ProductStore, TaxonomyStore
from renga.platform.outbox.port import Outbox


class Stores(msgspec.Struct, frozen=True, kw_only=True):
    """The catalogue's stores on the engine that was chosen. ``checks``: of an engine that is the catalogue's alone."""

    products: ProductStore
    taxonomy: TaxonomyStore
    outbox: Outbox
    checks: dict[str, Callable[[], Awaitable[None]]] = {}
