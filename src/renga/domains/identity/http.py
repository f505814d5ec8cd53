"""REST below ``/v1/identity``: accounts, merchants, API keys, OAuth clients, the audit trail. Answers are not cacheable."""

from litestar import Router
from litestar.datastructures import CacheControlHeader

from renga.domains.identity.contract import Accounts, Administration, ApiKeys, Audit, Buyers, Clients, Merchants
from renga.domains.identity.rest import addresses, api_keys, clients, customer_groups, me, merchants, proofs, trail
from renga.domains.identity.rest import administration as rest_administration
from renga.domains.identity.rest import buyers as rest_buyers
from renga.platform.sessions.port import Sessions


def routes(
    *,
    accounts: Accounts,
    organisations: Merchants,
    keys: ApiKeys,
    oauth_clients: Clients,
    audit: Audit,
    administration: Administration,
    buyers: Buyers,
    sessions: Sessions,
) -> list[Router]:
    """Every REST handler of identity, without the authorization server's."""
    handlers = [
        *me.routes(accounts, sessions, audit, oauth_clients),
        *addresses.routes(accounts),
        *proofs.routes(accounts, oauth_clients),
        *merchants.routes(organisations),
        *api_keys.routes(keys, oauth_clients),
        *clients.routes(oauth_clients),
        *trail.routes(audit),
        *rest_administration.routes(administration),
        *rest_buyers.routes(buyers),
        *customer_groups.routes(buyers),
    ]
    return [
        Router(
            "/v1/identity",
            route_handlers=handlers,
            tags=["identity"],
            cache_control=CacheControlHeader(no_store=True, private=True),
        )
    ]
