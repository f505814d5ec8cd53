"""What a route demands of its caller: declared with the route, enforced by the edge, tested for every route.

A plain Litestar handler carries it as ``opt={"access": …}``, a lean operation as its field ``access``.
"""

import msgspec

from renga.kernel.caller import InsufficientScope as InsufficientScope
from renga.kernel.errors import Unauthenticated
from renga.platform.auth.principal import Principal

#: Every scope there is, with what it allows (the consent screen and the permission table say it in this order).
SCOPES: dict[str, str] = {
    "openid": "know who you are",
    "profile": "see your name and language",
    "email": "see your e-mail address",
    "offline_access": "stay connected while you are away",
    "cart": "see and change your carts",
    "carts:any": "see and change every cart (services)",
    "orders": "see your orders and place new ones",
    "account": "see and change your account",
    "catalog:write": "manage the products of your merchants",
    "catalog:manage": "manage the whole catalogue: every merchant's products, categories, collections, product types",
    "search:manage": "rule synonyms and pins of the shop's search",
    "merchant": "manage your merchants, their members and keys",
    "consignments": "see and move the consignments given to you",
    "ledger:read": "read the ledger",
    "identity:admin": "manage accounts, merchants, clients and keys",
    "audit:read": "read the audit trail",
    "metrics:read": "read metrics",
}


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """``scopes``: all are needed (empty: any authenticated caller). ``guest``: also without a credential, by capability.

    ``instead``: any one of these does for all of ``scopes``. ``own_client``: the Authorization header is an OAuth client's
    own, which the handler reads. ``objects`` says in a few words whose objects it reaches, for the permission table.
    """

    scopes: tuple[str, ...] = ()
    guest: bool = False
    objects: str = ""
    instead: tuple[str, ...] = ()
    own_client: bool = False


#: Anyone, and nothing that is anyone's own.
PUBLIC = Access(guest=True, objects="public")


def check(access: Access, principal: Principal | None) -> None:
    """Raises Unauthenticated (no credential where one is needed), InsufficientScope (naming the missing ones)."""
    if principal is None:
        if access.guest:
            return
        raise Unauthenticated()
    missing = [scope for scope in access.scopes if scope not in principal.scopes]
    if missing and any(scope in principal.scopes for scope in access.instead):
        return
    if missing and not (access.guest and principal.kind == "session"):
        raise InsufficientScope(f"this needs the scope {' '.join(missing)}", scope=" ".join(missing))
