"""The BFF's module declaration. ``opening`` is imported only when the module is opened."""

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from renga.frontends.bff.graphql.settings import GraphQLSettings
from renga.platform.modules.module import Module
from renga.platform.modules.opening import Contracts, Opened, Opening, open_nothing

if TYPE_CHECKING:
    from renga.platform.http.face import Face, HttpContext


def _open(opening: Opening) -> AbstractAsyncContextManager[Opened]:
    from renga.frontends.bff.opening import open_bff

    return open_bff(opening)


def _http(own: Any, contracts: Contracts, context: "HttpContext") -> "Face":
    from renga.frontends.bff.face import face_of

    return face_of(own, context)


MODULE = Module(
    name="bff",
    needs=("catalog", "cart"),
    uses=("identity", "inventory", "search"),
    settings={"graphql": GraphQLSettings},
    open=_open,
    worker=open_nothing,
    http=_http,
)
