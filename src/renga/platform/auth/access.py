"""The access rule of a route: declared with the route, enforced by the gate, tested for every route.

A plain Litestar handler carries it as ``opt={"access": …}``, a lean operation as its field ``access``.
"""

import msgspec

from renga.kernel.caller import FreshLoginRequired as FreshLoginRequired
from renga.kernel.caller import InsufficientScope as InsufficientScope
from renga.kernel.errors import Unauthenticated
from renga.platform.auth.principal import Principal


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """``scopes``: all are needed (empty: any authenticated caller). ``guest``: also without a credential (by an unguessable id).

    ``instead``: any one of these replaces all of ``scopes``. ``own_client``: the Authorization header is the OAuth client's
    authentication, which the handler reads. ``objects``: whose objects it reaches, in a few words, for the permission table.
    ``fresh_s``: the last login is at most this many seconds old, for what could take an account over; None: however old.
    """

    scopes: tuple[str, ...] = ()
    guest: bool = False
    objects: str = ""
    instead: tuple[str, ...] = ()
    own_client: bool = False
    fresh_s: int | None = None


#: Any caller; nothing that belongs to an account.
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


def check_fresh(fresh_s: int, principal: Principal, now_ms: int) -> None:
    """Raises FreshLoginRequired for a login that is too old.

    A key has no login that could be fresh: what the use case says of it is more exact than to log in again.
    """
    if principal.kind != "api_key":
        principal.caller.proved_within(fresh_s, now_ms)
