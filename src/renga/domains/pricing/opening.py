"""Opens pricing: connects its adapters to its ports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from renga.domains.catalog.contract import CatalogContracts
from renga.domains.identity.contract import IdentityContracts
from renga.domains.inventory.contract import Stock
from renga.domains.pricing.catalog_offers import CatalogOffers
from renga.domains.pricing.contract import TaxTables
from renga.domains.pricing.current_rules import CurrentRules
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.identity_buyers import IdentityBuyers, NothingVerified
from renga.domains.pricing.inventory_stock import InventoryStock
from renga.domains.pricing.local import LocalPricing
from renga.domains.pricing.newest_carts import SampledCarts
from renga.domains.pricing.ports import TaxProvider, VerifiedBuyers
from renga.domains.pricing.providers.flat_shipping import FlatShipping
from renga.domains.pricing.providers.guarded_taxes import GuardedTaxes
from renga.domains.pricing.providers.simulated_taxes import SimulatedTaxes
from renga.domains.pricing.providers.table_taxes import ReadTables, TableTaxes
from renga.domains.pricing.reactions import erasure_consumer
from renga.domains.pricing.settings import PricingSettings
from renga.domains.pricing.stock_levels import StockAvailability
from renga.domains.pricing.stores.codes import PostgresCodes
from renga.domains.pricing.stores.history import RedemptionHistory
from renga.domains.pricing.stores.promotions import PostgresPromotions
from renga.domains.pricing.stores.redemptions import PostgresRedemptions
from renga.domains.pricing.stores.rules import PostgresRules
from renga.domains.pricing.working import jobs_of
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.modules.opening import Opened, Opening
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.postgres import calls


def tax_provider(settings: PricingSettings, tables: ReadTables) -> TaxProvider:
    """The shop's tables, or a provider of others behind its deadline and fallback."""
    if settings.tax_provider == "tables":
        return TableTaxes(tables)
    fallback = TableTaxes(tables, fallback=True) if settings.tax_fallback == "tables" else None
    return GuardedTaxes(SimulatedTaxes(), fallback, deadline_s=settings.tax_deadline_ms / 1000)


def pricing_on_postgres(
    pool: calls.Pool,
    settings: PricingSettings,
    *,
    catalog: CatalogContracts,
    carts: Any,
    clock: Clock,
    new_id: IdSource,
    secret: bytes,
    buyers: VerifiedBuyers | None = None,
    stock: StockAvailability | None = None,
) -> LocalPricing:
    """Pricing on a pool whose database has the migrations. Without ``buyers`` nothing is verified; without ``stock`` nothing is
    counted. Raises ShippingSettingInvalid.
    """
    rules = PostgresRules(pool)
    current = CurrentRules(rules)

    async def tables() -> TaxTables:
        return (await current.now()).tables

    dependencies = PricingDependencies(
        promotions=PostgresPromotions(pool, secret),
        codes=PostgresCodes(pool, secret),
        redemptions=PostgresRedemptions(pool),
        rule_store=rules,
        rules=current,
        offers=CatalogOffers(catalog, stock),
        buyers=buyers or NothingVerified(),
        shipping=FlatShipping(settings.shipping_amounts(), settings.delivered_countries(), settings.delivery_days()),
        history=RedemptionHistory(pool),
        taxes=tax_provider(settings, tables),
        newest_carts=SampledCarts(carts),
        clock=clock,
        new_id=new_id,
        secret=secret,
    )
    return LocalPricing(dependencies, carts)


@asynccontextmanager
async def open_pricing(opening: Opening) -> AsyncIterator[Opened]:
    """Pricing on the process's database."""
    resources = opening.resources
    identity: IdentityContracts | None = opening.contracts.get("identity")
    stock: Stock | None = opening.contracts.get("inventory")
    pricing = pricing_on_postgres(
        resources.database,
        opening.settings[PricingSettings],
        catalog=opening.contracts["catalog"],
        carts=opening.contracts["cart"],
        clock=resources.clock,
        new_id=resources.new_id,
        secret=resources.secret,
        buyers=None if identity is None else IdentityBuyers(identity.buyers),
        stock=None if stock is None else InventoryStock(stock),
    )
    outbox = PostgresOutbox(resources.database, "pricing")
    yield Opened(
        contract=pricing,
        outboxes={outbox.name: outbox},
        consumers=[erasure_consumer(pricing.dependencies)],
        jobs=jobs_of(opening),
    )
