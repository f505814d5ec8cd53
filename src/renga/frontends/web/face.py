"""The storefront's routes in the web application."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from renga.domains.cart.contract import Carts
from renga.domains.catalog.contract import Catalog
from renga.domains.identity.contract import IdentityContracts
from renga.domains.inventory.contract.counted_catalog import CountedCatalog
from renga.frontends.web import storefront
from renga.frontends.web.identity_pages import IdentityPages, LogIn, ProviderLink
from renga.kernel.caller import Caller
from renga.platform.cache.hurried import HurriedReads
from renga.platform.http.face import Face, HttpContext
from renga.platform.modules.opening import Contracts


def face_of(contracts: Contracts, context: HttpContext) -> Face:
    """The pages; account pages only with identity, search pages only with search."""
    carts: Carts = contracts["cart"]
    return Face(
        routes=storefront.routes(
            _counted(contracts, context),
            carts,
            settings=context.platform,
            clock=context.clock,
            identity=_identity_pages(carts, contracts.get("identity"), context),
            search=contracts.get("search"),
            pricing=contracts.get("pricing"),
        )
    )


def _counted(contracts: Contracts, context: HttpContext) -> Catalog:
    """Products with the availability of their stock, if the process has stock."""
    catalog: Catalog = contracts["catalog"].cached
    stock = contracts.get("inventory")
    return catalog if stock is None else CountedCatalog(catalog, stock, context.clock, HurriedReads(context.clock))


def _identity_pages(carts: Carts, identity: IdentityContracts | None, context: HttpContext) -> IdentityPages | None:
    if identity is None or context.sessions is None:
        return None

    async def take_over(cart_id: str | None, account_id: str) -> str | None:
        return (await carts.take_over(Caller(account_id), cart_id)).cart_id

    return IdentityPages(
        accounts=identity.accounts,
        clients=identity.clients,
        api_keys=identity.api_keys,
        merchants=identity.merchants,
        sessions=context.sessions,
        take_over=take_over,
        key_scopes=identity.key_scopes,
        consents=identity.consents,
        facts=identity.facts,
        providers=tuple(ProviderLink(name=name, start=start) for name, start in identity.providers),
        external=None if identity.external_logins is None else partial(_external, identity),
    )


def _external(identity: IdentityContracts, log_in: LogIn) -> Sequence[Any]:
    assert identity.external_logins is not None
    return identity.external_logins(log_in=log_in, confirm_path="/account/link", login_path="/login")
