"""The context of one request: caller, languages, contracts, and memoised calls of the contracts."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import msgspec

from renga.domains.cart.contract import Carts
from renga.domains.catalog.contract import (
    DEFAULT_CHANNEL,
    IDS_MAX,
    OFFERS_MAX,
    Catalog,
    Category,
    Collection,
    PriceTerms,
    Product,
    ProductType,
    check_group_price,
)
from renga.domains.identity.contract import CallerFacts, NoCallerFacts
from renga.domains.search.contract import Search
from renga.frontends.bff.graphql.errors import QuantityInvalid
from renga.frontends.bff.graphql.loading import Loader
from renga.frontends.bff.graphql.sources import ReaderTerms
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.languages import wanted
from renga.kernel.money import exponent
from renga.platform.auth.principal import Principal, caller_of

T = TypeVar("T")

#: Largest quantity for a price.
QUANTITY_MAX = 1_000_000


class GraphContracts(msgspec.Struct, frozen=True):
    """The contracts behind the schema. ``currency`` is the default currency, ``facts`` are those of callers."""

    catalog: Catalog
    search: Search
    carts: Carts
    clock: Clock
    currency: str = "BRL"
    facts: CallerFacts = NoCallerFacts()


class Context:
    """``tags`` collects the cache tags that invalidate the answer; ``languages`` the languages looked up.

    ``groups`` are the caller's verified customer groups: all prices are theirs.
    """

    def __init__(
        self,
        contracts: GraphContracts,
        *,
        accept_language: str = "",
        principal: Principal | None = None,
        groups: tuple[str, ...] = (),
    ) -> None:
        self.contracts = contracts
        self.principal = principal
        self.accept_language = accept_language
        self.tags: set[str] = set()
        #: The answer is degraded because a source was unavailable: it is not cached.
        self.degraded = False
        self.groups = groups
        #: The answer has prices that the caller sees as a merchant or administrator: it is not cached.
        self.for_managers = False
        catalog = contracts.catalog
        self.by_id: Loader[str, Product] = Loader(catalog.products_by_id, batch_max=IDS_MAX)
        self.by_slug: Loader[str, Product] = Loader(catalog.products_by_slug, batch_max=IDS_MAX)
        self.by_sku: Loader[str, Product] = Loader(catalog.products_by_sku, batch_max=OFFERS_MAX)
        self._calls: dict[Any, asyncio.Future[Any]] = {}
        self._taxonomy: dict[str, Any] = {}
        self._terms: dict[Any, PriceTerms] = {}
        self._at = ""

    @property
    def at(self) -> str:
        """The time of the request, the same for all its prices."""
        if not self._at:
            self._at = rfc3339(self.contracts.clock.now_ms())
        return self._at

    def asked(
        self, language: str | None = None, channel: str | None = None, currency: str | None = None
    ) -> ReaderTerms:
        """The terms (language, channel, currency, time) of one root field. Raises UnknownCurrency."""
        if currency is not None:
            exponent(currency)
        terms = PriceTerms(
            currency=currency or self.contracts.currency,
            at=self.at,
            channel=channel or DEFAULT_CHANNEL,
            groups=self.groups,
        )
        return ReaderTerms(wanted(language, self.accept_language), terms)

    def terms(
        self,
        asked: ReaderTerms,
        merchant: str,
        currency: str | None,
        channel: str | None,
        group: str | None,
        quantity: int,
    ) -> PriceTerms:
        """The terms of one price of this merchant's product. Raises UnknownCurrency, QuantityInvalid, InsufficientScope."""
        if currency is None and channel is None and group is None and quantity == 1:
            return asked.terms
        if group is not None:
            check_group_price(caller_of(self.principal), self.groups, group, merchant)
            self.for_managers = self.for_managers or group not in self.groups
        key = (asked.terms, currency, channel, group, quantity)
        found = self._terms.get(key)
        if found is None:
            if currency is not None:
                exponent(currency)
            if not 1 <= quantity <= QUANTITY_MAX:
                raise QuantityInvalid(
                    f"quantity is {quantity}; it may be from 1 to {QUANTITY_MAX}", limit=QUANTITY_MAX, actual=quantity
                )
            found = self._terms[key] = PriceTerms(
                currency=currency or asked.currency,
                at=asked.terms.at,
                channel=channel or asked.channel,
                groups=asked.terms.groups if group is None else (group,),
                quantity=quantity,
            )
        return found

    def once(self, key: Any, ask: Callable[[], Awaitable[T]]) -> "asyncio.Future[T]":
        """Memoise a call: this request makes it only once."""
        found = self._calls.get(key)
        if found is None:
            found = self._calls[key] = asyncio.ensure_future(ask())
        return found

    async def prepare(self, needs: Iterable[str]) -> None:
        """Load the taxonomy that resolvers need; a failure is raised in the resolver that reads it."""
        missing = [name for name in needs if name not in self._taxonomy]
        if missing:
            found = await asyncio.gather(*(self._load_taxonomy(name) for name in missing), return_exceptions=True)
            self._taxonomy.update(zip(missing, found, strict=True))

    def _load_taxonomy(self, name: str) -> Awaitable[Any]:
        catalog = self.contracts.catalog
        if name == "categories":
            self.tags.add("categories")
            return catalog.categories()
        if name == "collections":
            self.tags.add("collections")
            return catalog.collections()
        self.tags.add("types")
        return catalog.product_types()

    def _loaded(self, name: str) -> Any:
        found = self._taxonomy[name]
        if isinstance(found, BaseException):
            raise found
        return found

    def categories(self) -> tuple[Category, ...]:
        """All categories. Raises Unavailable."""
        found: tuple[Category, ...] = self._loaded("categories")
        return found

    def category_index(self) -> dict[str, Category]:
        index: dict[str, Category] | None = self._taxonomy.get("category_index")
        if index is None:
            index = self._taxonomy["category_index"] = {one.slug: one for one in self.categories()}
        return index

    def collections(self) -> tuple[Collection, ...]:
        """All collections. Raises Unavailable."""
        found: tuple[Collection, ...] = self._loaded("collections")
        return found

    def product_type(self, code: str | None) -> ProductType | None:
        """Raises Unavailable."""
        types: tuple[ProductType, ...] = self._loaded("types")
        return next((one for one in types if one.code == code), None)
