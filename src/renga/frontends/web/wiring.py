"""The storefront's module declaration. It opens no resources; its pages call the contracts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from renga.platform.modules.module import Module
from renga.platform.modules.opening import Contracts, Opened, Opening

if TYPE_CHECKING:
    from renga.platform.http.face import Face, HttpContext


@asynccontextmanager
async def _open(opening: Opening) -> AsyncIterator[Opened]:
    yield Opened(contract=None)


def _http(own: Any, contracts: Contracts, context: "HttpContext") -> "Face":
    from renga.frontends.web.face import face_of

    return face_of(contracts, context)


MODULE = Module(name="web", needs=("catalog", "cart"), uses=("identity", "search", "inventory"), open=_open, http=_http)
