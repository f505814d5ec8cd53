"""What tests take from the modules: the declared tables, and modules opened over contracts in memory."""

from typing import Any

from renga.apps.modules import DECLARED
from renga.apps.settings import PLATFORM
from renga.domains.catalog.contract import CatalogContracts
from renga.domains.identity.working import grants_of
from renga.platform.modules.opening import Opened
from renga.platform.ratelimit.rates import RateLimitSettings, settings_for
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings

GRANTS = grants_of(DECLARED)


def catalog_module(catalog: Any, *, managed: Any = None) -> Opened:
    """The catalogue over one contract for every use."""
    return Opened(contract=CatalogContracts(fresh=catalog, cached=catalog, managed=managed))


def shop_modules(catalog: Any, carts: Any, **others: Any) -> dict[str, Opened]:
    """Catalogue, cart and storefront over these contracts, and further modules by name over theirs."""
    shop = {"catalog": catalog_module(catalog), "cart": Opened(contract=carts), "web": Opened(contract=None)}
    return shop | {name: Opened(contract=contract) for name, contract in others.items()}


def platform_settings(**settings: Any) -> Sections:
    """Settings of the platform alone, every other section with its defaults."""
    return Sections({PLATFORM: PlatformSettings(**settings)})


def rate_limits(**settings: Any) -> RateLimitSettings:
    """The section ``ratelimit`` as a process with every module has it."""
    return settings_for(DECLARED.rate_classes)(**settings)
