"""Shared by the cart's tests: a catalogue and snapshots in memory, a cart module over a real store, a customer's token."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import httpx
import msgspec
from joserfc.jwk import ECKey, KeySet

from renga.apps.app import make_api, make_edge
from renga.apps.modules import DECLARED
from renga.domains.cart.contract import Cart, NewLine, Write
from renga.domains.cart.dependencies import CartDependencies
from renga.domains.cart.line_skus import LineSkus
from renga.domains.cart.local import LocalCarts
from renga.domains.cart.offers import OfferCache
from renga.domains.cart.ports import CartLimits, LineArgument, Sellable, Snapshot, StoredCart
from renga.domains.cart.price_keys import PriceKeys
from renga.domains.cart.stock import StockCache
from renga.domains.cart.stores.redis import RedisCartStore
from renga.domains.catalog.contract import DEFAULT_CHANNEL, Category, Collection, Offer, Product, ProductType
from renga.kernel.buyer_terms import NOTHING_VERIFIED, VerifiedFacts
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.clock import Clock, ManualClock, SystemClock
from renga.kernel.errors import Unavailable
from renga.kernel.ids import id_source
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.signing import sign
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.gate import Gate
from renga.platform.redis.client import HotRedis
from renga.platform.settings import PlatformSettings
from tests.modules import platform_settings, shop_modules

#: The year 2096: a Redis server forgets keys by its own clock, which must not come into what a test moves by hand.
FAR_MS = 4_000_000_000_000
OFFERS_ONLY = "this catalogue has offers only"


def offer(sku: str, *, en: str = "Mug", **prices: int) -> Offer:
    """An offer with a title in both languages; ``offer("A", BRL=100)``."""
    titles = {"pt-BR": f"{en} (pt)", "en": en}
    return Offer(sku=sku, slug=sku.lower(), title=titles, prices=prices, image=None, product_version=1)


class MemoryCatalog:
    """The catalogue's offers in memory. ``calls`` holds the skus of each call; ``away`` makes every call raise, ``hangs`` never
    answer.
    """

    def __init__(self, *offers: Offer) -> None:
        self.by_sku = {one.sku: one for one in offers}
        self.calls: list[list[str]] = []
        self.away = self.hangs = False

    def put(self, *offers: Offer) -> None:
        self.by_sku |= {one.sku: one for one in offers}

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        self.calls.append(list(skus))
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise Unavailable("the catalogue is away")
        return {sku: self.by_sku[sku] for sku in skus if sku in self.by_sku}

    async def products(self, **_: Any) -> Any:
        raise Unavailable(OFFERS_ONLY)

    async def product(self, slug: str, *, channel: str = DEFAULT_CHANNEL) -> Product:
        raise Unavailable(OFFERS_ONLY)

    async def products_by_id(self, ids: Sequence[str]) -> dict[str, Product]:
        raise Unavailable(OFFERS_ONLY)

    async def products_by_sku(self, skus: Sequence[str]) -> dict[str, Product]:
        raise Unavailable(OFFERS_ONLY)

    async def products_by_slug(self, slugs: Sequence[str]) -> dict[str, Product]:
        raise Unavailable(OFFERS_ONLY)

    async def scan(self, *, after: int = 0, limit: int = 500) -> tuple[Sequence[Product], int | None]:
        raise Unavailable(OFFERS_ONLY)

    async def categories(self) -> tuple[Category, ...]:
        raise Unavailable(OFFERS_ONLY)

    async def collections(self) -> tuple[Collection, ...]:
        raise Unavailable(OFFERS_ONLY)

    async def collection(self, slug: str) -> Collection:
        raise Unavailable(OFFERS_ONLY)

    async def product_types(self) -> tuple[ProductType, ...]:
        raise Unavailable(OFFERS_ONLY)


class MemorySnapshots:
    """Implements ``Snapshots`` in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Snapshot] = {}

    async def save(self, snapshots: Sequence[Snapshot]) -> None:
        for one in snapshots:
            held = self.kept.get(one.cart_id)
            if held is None or (one.version, one.restores) >= (held.version, held.restores):
                self.kept[one.cart_id] = one

    async def find(self, cart_id: str) -> Snapshot | None:
        return self.kept.get(cart_id)

    async def newest(self, now_ms: int, limit: int) -> Sequence[StoredCart]:
        raise Unavailable("snapshots in memory are not read as carts")

    async def overdue(self, before_ms: int, limit: int) -> Sequence[str]:
        alive = [one for one in self.kept.values() if one.state in ("open", "checkout") and one.expires_ms < before_ms]
        return [one.cart_id for one in sorted(alive, key=lambda one: one.expires_ms)[:limit]]

    async def forget(self, before_ms: int, limit: int) -> int:
        over = [
            one for one in self.kept.values() if one.state not in ("open", "checkout") and one.expires_ms < before_ms
        ]
        for one in over[:limit]:
            del self.kept[one.cart_id]
        return len(over[:limit])

    async def owned_by(self, customer: str, limit: int) -> Sequence[str]:
        return [one.cart_id for one in self.kept.values() if one.fields.get("owner") == customer][:limit]

    async def drop(self, cart_ids: Sequence[str], customer: str) -> None:
        for cart_id in cart_ids:
            if cart_id in self.kept and self.kept[cart_id].fields.get("owner") == customer:
                del self.kept[cart_id]


class MemoryErasedCustomers:
    """Implements ``ErasedCustomers`` in memory."""

    def __init__(self) -> None:
        self.recorded: set[str] = set()

    async def record(self, customer: str) -> None:
        self.recorded.add(customer)

    async def among(self, customers: Iterable[str]) -> frozenset[str]:
        return frozenset(self.recorded & set(customers))

    async def forget(self, before_ms: int, limit: int) -> int:
        return 0


class MemoryCurrentCarts:
    """Implements ``CurrentCarts``."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}

    async def find(self, customer: str) -> str | None:
        return self._held.get(customer)

    async def put(self, customer: str, cart_id: str, *, instead_of: str | None) -> str:
        if self._held.get(customer) == instead_of:
            self._held[customer] = cart_id
        return self._held[customer]

    async def drop(self, customer: str) -> None:
        self._held.pop(customer, None)


class MemoryFacts:
    """Implements ``BuyerFacts``: the facts of each customer. ``away`` makes every call raise."""

    def __init__(self) -> None:
        self.by_customer: dict[str, VerifiedFacts] = {}
        self.away = False

    async def verified(self, customer: str) -> VerifiedFacts:
        if self.away:
            raise Unavailable("identity is away")
        return self.by_customer.get(customer, NOTHING_VERIFIED)


class MemoryLevels:
    """Implements ``StockLevels``: the pieces of each counted sku, None for any number. ``away`` makes every call raise, ``hangs``
    never answer.
    """

    def __init__(self) -> None:
        self.by_sku: dict[str, int | None] = {}
        self.calls: list[list[str]] = []
        self.away = self.hangs = False

    async def sellable(self, skus: Sequence[str]) -> dict[str, Sellable]:
        self.calls.append(list(skus))
        if self.hangs:
            await asyncio.Event().wait()
        if self.away:
            raise Unavailable("the inventory is away")
        return {sku: Sellable(self.by_sku[sku]) for sku in skus if sku in self.by_sku}


class Shop:
    """The cart's use cases over a real store of the Redis family, everything else in memory; ``async with``."""

    def __init__(
        self,
        url: str,
        catalog: MemoryCatalog,
        *,
        limits: CartLimits | None = None,
        clock: Clock | None = None,
        deadline_s: float = 3.0,
    ) -> None:
        self.clock = clock or ManualClock(FAR_MS)
        self.catalog = catalog
        self.snapshots = MemorySnapshots()
        self.limits = limits or CartLimits()
        self.redis = HotRedis(url, deadline_s=deadline_s)
        self.store = RedisCartStore(self.redis, shards=4, limits=self.limits, clock=self.clock)
        self.offers = OfferCache(catalog, self.clock)
        self.facts = MemoryFacts()
        self.levels = MemoryLevels()
        self.stock = StockCache(self.levels, self.clock)
        self.dependencies = CartDependencies(
            store=self.store,
            recovery=self.store,
            snapshots=self.snapshots,
            current=MemoryCurrentCarts(),
            erasure=self.store,
            erased=MemoryErasedCustomers(),
            offers=self.offers,
            stock=self.stock,
            facts=self.facts,
            price_keys=PriceKeys(),
            line_skus=LineSkus(),
            limits=self.limits,
            clock=self.clock,
            new_id=id_source(self.clock),
            secret=b"a secret of the tests",
        )
        self.carts = LocalCarts(self.dependencies)

    async def __aenter__(self) -> "Shop":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.redis.close()

    async def new_cart(self, currency: str = "BRL", *, caller: Caller = ANONYMOUS, **write: Any) -> str:
        return (await self.carts.create(caller, currency, write=Write(**write))).cart_id

    async def add(self, cart_id: str, sku: str, quantity: int = 1, *, caller: Caller = ANONYMOUS, **write: Any) -> Cart:
        change = await self.carts.add_line(caller, cart_id, NewLine(sku=sku, quantity=quantity), Write(**write))
        assert change.cart is not None
        return change.cart

    async def dump(self, *cart_ids: str) -> dict[str, dict[str, str]]:
        """The raw fields: what must not change when something is refused."""
        return await self.store.dump(cart_ids)


def argument(line: str, quantity: int = 1, **more: Any) -> LineArgument:
    """A line as a store takes it: 1.00 BRL and 0.07 USD unless ``prices`` say otherwise."""
    fields = {"sku": line.upper(), "title": f"Título {line}", "options": {}, "prices": {"BRL": 100, "USD": 7}} | more
    return LineArgument(line=line, quantity=quantity, **fields)


def lines_of(cart: Any) -> dict[str, tuple[int, int]]:
    """Quantity and unit price by sku, of a cart as it is answered or as it is stored."""
    return {
        line.sku: (line.quantity, line.unit_price.amount if hasattr(line, "unit_price") else line.price)
        for line in cart.lines
    }


class Tokens:
    """An issuer of access tokens and the verifier that trusts it."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        self.verifier = TokenVerifier(KeySet([self.key]), issuer="renga", clock=self.clock)

    def of(self, subject: str, scope: str = "cart", *, issuer: str = "renga", life_s: int = 600) -> str:
        return sign(
            self.key, subject=subject, scope=scope, issuer=issuer, life_s=life_s, clock=self.clock, token_id="t-1"
        )

    def header(self, subject: str, scope: str = "cart") -> dict[str, str]:
        return {"authorization": f"Bearer {self.of(subject, scope)}"}


def with_quantity(line: LineArgument, quantity: int) -> LineArgument:
    return msgspec.structs.replace(line, quantity=quantity)


def api_client(shop: Shop, tokens: Tokens, *, address: str = "10.0.0.1", **settings: Any) -> httpx.AsyncClient:
    """A client of the whole web application over a shop, behind its edge, without a network."""
    platform = PlatformSettings(**settings)
    authenticator = Authenticator(tokens.verifier, public_url=platform.public_url)
    gate = Gate(authenticator, rate_classes=DECLARED.rate_classes)
    api = make_api(shop_modules(shop.catalog, shop.carts), gate=gate, settings=platform_settings(**settings))
    transport = httpx.ASGITransport(make_edge(api, platform), client=(address, 4711))  # type: ignore[arg-type] # ASGI's types differ by library
    return httpx.AsyncClient(transport=transport, base_url="http://shop.test")
