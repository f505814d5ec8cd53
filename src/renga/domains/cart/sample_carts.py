"""Use case: the newest carts as they were a moment ago, for whoever may see every cart."""

from collections.abc import Sequence

from renga.domains.cart.contract import ANY_CART, NEWEST_MAX, Cart
from renga.domains.cart.dependencies import CartDependencies
from renga.domains.cart.model import view, view_line
from renga.domains.cart.ports import StoredCart
from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid


async def sample_carts(dependencies: CartDependencies, caller: Caller, limit: int) -> Sequence[Cart]:
    """Raises InsufficientScope, Unauthenticated, Invalid, StoreUnavailable."""
    caller.require(ANY_CART)
    if not 1 <= limit <= NEWEST_MAX:
        raise Invalid(f"limit is from 1 to {NEWEST_MAX}", field="limit")
    return [_seen(one) for one in await dependencies.snapshots.newest(dependencies.clock.now_ms(), limit)]


def _seen(stored: StoredCart) -> Cart:
    """Without current prices."""
    return view(
        id=stored.id,
        version=stored.version,
        etag=stored.etag,
        currency=stored.currency,
        terms=stored.terms,
        state=stored.state,
        owner=stored.owner,
        times_ms=(stored.created_ms, stored.updated_ms, stored.expires_ms),
        note=stored.note,
        coupons=stored.coupons,
        lines=tuple(view_line(line, stored.currency, None) for line in stored.lines),
        saved=tuple(view_line(line, stored.currency, None) for line in stored.saved),
    )
