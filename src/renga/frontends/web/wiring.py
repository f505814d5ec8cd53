"""The storefront's module declaration. It opens no resources; its pages call the contracts."""

from typing import TYPE_CHECKING, Any

from renga.platform.modules.module import Module
from renga.platform.modules.opening import Contracts, open_nothing

if TYPE_CHECKING:
    from renga.platform.http.face import Face, HttpContext


def _http(own: Any, contracts: Contracts, context: "HttpContext") -> "Face":
    from renga.frontends.web.face import face_of

    return face_of(contracts, context)


MODULE = Module(
    name="web",
    needs=("catalog", "cart"),
    uses=("identity", "search", "inventory", "pricing"),
    open=open_nothing,
    worker=open_nothing,
    http=_http,
)
