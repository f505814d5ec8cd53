"""The cart's module declaration. The implementation is imported only when the module is opened."""

from collections.abc import Awaitable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renga.domains.cart.contract.events import EVENTS
from renga.domains.cart.settings import CartSettings
from renga.kernel.clock import Clock
from renga.platform.modules.module import Module
from renga.platform.modules.opening import Contracts, Opened, Opening
from renga.platform.postgres.revisions import Migrations
from renga.platform.ratelimit.rates import RateClass
from renga.platform.sections import Sections

if TYPE_CHECKING:
    from renga.platform.doctor.check import Check
    from renga.platform.http.face import Face, HttpContext


def _open(opening: Opening) -> AbstractAsyncContextManager[Opened]:
    from renga.domains.cart.opening import open_cart

    return open_cart(opening)


def _http(own: Any, contracts: Contracts, context: "HttpContext") -> "Face":
    from renga.domains.cart.http import operations
    from renga.platform.http.face import Face

    return Face(operations=operations(contracts["cart"], context.languages))


def _doctor(settings: Sections, clock: Clock) -> "Mapping[str, Awaitable[list[Check]]]":
    from renga.platform.doctor.redis import check_store

    url = settings[CartSettings].store
    return {"cart store": check_store("cart store", "RENGA_CART_STORE", url, clock)} if url else {}


MODULE = Module(
    name="cart",
    needs=("catalog",),
    uses=("identity", "inventory"),
    settings={"cart": CartSettings},
    migrations=Migrations("cart", Path(__file__).parent / "stores" / "migrations" / "versions"),
    events=EVENTS,
    scopes={"cart": "see and change your carts", "carts:any": "see and change every cart (services)"},
    grants={"customer": frozenset({"cart"}), "service": frozenset({"carts:any"})},
    rate_classes=(RateClass(name="cart_write", what="cart changes", per_minute=1_200, burst=240, by_key=True),),
    doctor=_doctor,
    open=_open,
    # what a worker runs of carts asks identity for nothing, so that identity is not opened whole there
    worker=_open,
    http=_http,
)
