"""The modules of the shop. A new domain is a folder and one line here."""

from renga.domains.cart.wiring import MODULE as CART
from renga.domains.catalog.wiring import MODULE as CATALOG
from renga.domains.identity.wiring import MODULE as IDENTITY
from renga.domains.inventory.wiring import MODULE as INVENTORY
from renga.domains.payments.wiring import MODULE as PAYMENTS
from renga.domains.pricing.wiring import MODULE as PRICING
from renga.domains.search.wiring import MODULE as SEARCH
from renga.frontends.bff.wiring import MODULE as BFF
from renga.frontends.web.wiring import MODULE as WEB
from renga.platform.modules.choosing import declared_by
from renga.platform.modules.module import Module

MODULES: tuple[Module, ...] = (
    IDENTITY,
    CATALOG,
    CART,
    INVENTORY,
    PRICING,
    PAYMENTS,
    SEARCH,
    BFF,
    WEB,
)

#: The declarations of all modules, including those that do not run in this process.
DECLARED = declared_by(MODULES)
