"""The catalogue's opened stores, for any engine."""

from collections.abc import Awaitable, Callable

import msgspec

from renga.domains.catalog.ports import ProductStore, TaxonomyStore
from renga.platform.outbox.port import Outbox


class Stores(msgspec.Struct, frozen=True, kw_only=True):
    """The catalogue's stores on the chosen engine. ``checks``: readiness checks of an engine used only by the catalogue."""

    products: ProductStore
    taxonomy: TaxonomyStore
    outbox: Outbox
    checks: dict[str, Callable[[], Awaitable[None]]] = {}
