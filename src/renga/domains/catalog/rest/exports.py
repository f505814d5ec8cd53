"""REST: export of the caller's products as a file, streamed."""

from collections.abc import AsyncIterator
from typing import Annotated, Protocol

from litestar import get
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import Parameter, QueryParameter
from litestar.response import Stream

from renga.domains.catalog.feeds.export_products import Format
from renga.domains.catalog.feeds.feed import Feed
from renga.domains.catalog.rest.shared import ROWS, write_access
from renga.kernel.caller import Caller
from renga.kernel.errors import Forbidden, Invalid, TooManyRequests, Unauthenticated
from renga.kernel.money import UnknownCurrency
from renga.platform.http.openapi_handlers import answers_files
from renga.platform.http.problems import problems
from renga.platform.http.requests import AnyRequest, who_asks

LANGUAGE_CHARACTERS_MAX = 35


class Exports(Protocol):
    """The part of the catalogue that this handler needs."""

    async def feed(self, name: Format, *, shop_url: str, language: str, currency: str) -> Feed:
        """Raises UnknownCurrency."""
        ...

    def export(self, caller: Caller, feed: Feed) -> AsyncIterator[str]:
        """The pieces of the file. Raises Unauthenticated, InsufficientScope."""
        ...


def routes(catalog: Exports, shop_url: str) -> list[HTTPRouteHandler]:
    """The handler of exports."""

    @get(
        "/export",
        operation_id="exportProducts",
        summary="Export your products",
        description=(
            "`jsonl`: our own rows, whole, which an import or the bulk upsert takes back as they are. `shopify`: Shopify's "
            "product CSV. `google`: Google's product feed (RSS 2.0), of what is sold now. Texts of the last two are in "
            "`language`, prices in `currency`."
        ),
        opt=write_access(rate="import") | answers_files(ROWS, "text/csv", "application/rss+xml"),
        response_headers=[
            ResponseHeader(name="Content-Disposition", description="A name for the file.", documentation_only=True)
        ],
        responses={
            200: ResponseSpec(
                str,
                description="The file.",
                media_type=ROWS,
                generate_examples=False,
                examples=[Example(value='{"slug":"caneca-aurora","title":{"pt-BR":"Caneca Aurora"},"variants":[]}\n')],
            ),
            **problems(Unauthenticated, Forbidden, Invalid, UnknownCurrency, TooManyRequests),
        },
    )
    async def export_products(
        request: AnyRequest,
        export_format: Annotated[Format, QueryParameter(name="format", description="File format.")] = "jsonl",
        language: Annotated[
            str, Parameter(description="Language of the texts.", max_length=LANGUAGE_CHARACTERS_MAX)
        ] = "pt-BR",
        currency: Annotated[str, Parameter(description="Currency of the prices (ISO 4217).", max_length=3)] = "BRL",
    ) -> Stream:
        """Streams the products that the caller may write; the file is never held in memory."""
        feed = await catalog.feed(export_format, shop_url=shop_url, language=language, currency=currency)
        name = f"products.{feed.suffix}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Stream(
            _encoded(catalog.export(who_asks(request), feed)),
            # what is a text gets its charset from the framework
            media_type=feed.media_type if feed.media_type.startswith("text/") else f"{feed.media_type}; charset=utf-8",
            headers=headers,
        )

    return [export_products]


async def _encoded(pieces: AsyncIterator[str]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        if piece:
            yield piece.encode()
