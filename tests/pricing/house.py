"""Pricing beside a real catalogue and real carts, and clients of its routes for each caller."""

from collections.abc import Mapping
from typing import Any

import msgspec

from renga.domains.cart.contract import NewLine, Write
from renga.domains.cart.opening import CartModule
from renga.domains.catalog.contract import WHOLE_CATALOGUE
from renga.domains.catalog.local import CatalogService
from renga.domains.pricing.contract import (
    ALL_PRICING,
    ALL_PROMOTIONS,
    OWN_PROMOTIONS,
    Promotion,
    PromotionDraft,
    PromotionUse,
    RedemptionHold,
)
from renga.domains.pricing.local import LocalPricing
from renga.kernel.buyer_terms import NOTHING_VERIFIED, VerifiedFacts
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.clock import ManualClock, rfc3339
from renga.kernel.events import Event, decode
from renga.kernel.money import Money
from renga.platform.auth.principal import Principal
from renga.platform.postgres import calls

ADMIN = Principal(subject="admin", scopes=frozenset({OWN_PROMOTIONS, ALL_PROMOTIONS, ALL_PRICING}), kind="session")
POTTER = Principal(
    subject="potter", scopes=frozenset({OWN_PROMOTIONS}), kind="session", merchants=frozenset({"pottery"})
)
WEAVER = Principal(
    subject="weaver", scopes=frozenset({OWN_PROMOTIONS}), kind="session", merchants=frozenset({"weaving", "yarn"})
)
BUYER = Principal(subject="buyer", scopes=frozenset({"cart"}), kind="session")
MANAGER = Caller.of_system("tests", ALL_PROMOTIONS, ALL_PRICING)


class MemoryBuyers:
    """Implements ``VerifiedBuyers``: the facts of each customer."""

    def __init__(self) -> None:
        self.by_customer: dict[str, VerifiedFacts] = {}

    async def verified(self, customer: str | None) -> VerifiedFacts:
        return self.by_customer.get(customer or "", NOTHING_VERIFIED)


class MemoryStock:
    """Implements ``StockAvailability``: thousandths of a unit by counted sku."""

    def __init__(self) -> None:
        self.by_sku: dict[str, int | None] = {}

    async def available(self, skus: Any) -> Mapping[str, int | None]:
        return {sku: self.by_sku[sku] for sku in skus if sku in self.by_sku}


class House:
    """What the fixtures put together."""

    def __init__(
        self,
        pool: calls.Pool,
        catalog: CatalogService,
        cart: CartModule,
        pricing: LocalPricing,
        clock: ManualClock,
        buyers: MemoryBuyers,
        stock: MemoryStock,
    ) -> None:
        self.pool, self.catalog, self.cart, self.pricing, self.clock = pool, catalog, cart, pricing, clock
        self.buyers, self.stock = buyers, stock

    async def sell(self, sku: str, amount: int = 1000, **members: Any) -> None:
        """A product of one sku."""
        variant = {"sku": sku, "prices": members.pop("prices", {"BRL": amount}), **members.pop("variant", {})}
        row = {"slug": sku.lower(), "title": {"en": sku.title()}, "merchant": "house", "variants": [variant], **members}
        await self.catalog.create_product(Caller.of_system("tests", WHOLE_CATALOGUE), row)

    async def promote(self, *actions: Mapping[str, Any], **members: Any) -> Promotion:
        """A promotion of the shop."""
        return (await self.pricing.create_promotion(MANAGER, draft(*actions, **members)))[0]

    async def cart_of(self, quantities: Mapping[str, int], caller: Caller = ANONYMOUS, **terms: Any) -> str:
        cart = await self.cart.carts.create(caller, terms.pop("currency", "BRL"), write=Write(), **terms)
        for sku, quantity in quantities.items():
            await self.cart.carts.add_line(caller, cart.cart_id, NewLine(sku=sku, quantity=quantity), Write())
        return cart.cart_id

    def hold(self, key: str, *promotions: Promotion, customer: str | None = None, **more: Any) -> RedemptionHold:
        """One use of each, for 15 minutes."""
        uses = tuple(
            PromotionUse(promotion=one.id, discount=Money(100, "BRL"), code=more.get("code")) for one in promotions
        )
        expires_at = rfc3339(self.clock.now_ms() + more.get("minutes", 15) * 60_000)
        return RedemptionHold(key=key, uses=uses, customer=customer, expires_at=expires_at)

    async def events(self) -> list[Event]:
        rows = await self.pool.fetch("SELECT event::text FROM pricing.outbox ORDER BY position")
        return [decode(row[0]) for row in rows]

    async def event_types(self) -> list[str]:
        return [event.type.removeprefix("pricing.") for event in await self.events()]


def draft(*actions: Mapping[str, Any], **members: Any) -> PromotionDraft:
    """A draft as JSON would write it."""
    return msgspec.convert({"name": "A promotion", "actions": list(actions), **members}, PromotionDraft)
