"""The declaration of orders; its other files are imported when needed."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renga.domains.orders.contract.events import EVENTS
from renga.domains.orders.settings import OrdersSettings
from renga.platform.modules.module import Module
from renga.platform.modules.opening import Contracts, Opened, Opening
from renga.platform.postgres.revisions import Migrations
from renga.platform.ratelimit.rates import RateClass

if TYPE_CHECKING:
    from renga.platform.http.face import Face, HttpContext


def _open(opening: Opening) -> AbstractAsyncContextManager[Opened]:
    from renga.domains.orders.opening import open_orders

    return open_orders(opening)


def _http(own: Any, contracts: Contracts, context: "HttpContext") -> "Face":
    from renga.domains.orders.face import face_of

    return face_of(contracts["orders"], context.languages)


MODULE = Module(
    name="orders",
    needs=("cart", "catalog", "pricing", "payments"),
    uses=("identity", "inventory"),
    settings={"orders": OrdersSettings},
    migrations=Migrations("orders", Path(__file__).parent / "stores" / "migrations" / "versions"),
    events=EVENTS,
    scopes={
        "orders": "see your orders and place new ones",
        "orders:sold": "see what your merchants have sold, cancel it before it is sent",
        "orders:any": "check out every cart, see every order (services)",
    },
    grants={
        "customer": frozenset({"orders"}),
        "merchant": frozenset({"orders:sold"}),
        "service": frozenset({"orders:any"}),
    },
    member_grants={role: frozenset({"orders:sold"}) for role in ("owner", "manager", "clerk")},
    rate_classes=(RateClass(name="checkout", what="quotes of checkouts", per_minute=600, burst=120, by_key=True),),
    open=_open,
    # the same without identity, which a worker needs for nothing: nobody calls orders there
    worker=_open,
    http=_http,
)
