"""REST: the price of one sku in one currency, now or from a future time."""

from typing import Annotated

import msgspec
from litestar import Response, delete, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter, PathParameter

from renga.domains.catalog.contract import (
    CatalogManagement,
    MomentInvalid,
    PriceOutOfRange,
    ProductChanged,
    SkuNotFound,
    TooManyScheduled,
)
from renga.domains.catalog.rest import examples
from renga.domains.catalog.rest.documents import ManagedProduct
from renga.domains.catalog.rest.preconditions import IfMatch, expected_version, preconditions
from renga.domains.catalog.rest.products import answer, shown
from renga.domains.catalog.rest.shared import JSON, Name, converted, document, write_access
from renga.kernel.errors import Forbidden, Invalid, PreconditionFailed, Unauthenticated
from renga.kernel.money import UnknownCurrency
from renga.platform.cards.declared import identifiers
from renga.platform.http.openapi_handlers import takes
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType, problems
from renga.platform.http.requests import AnyRequest, who_asks

MOMENT_CHARACTERS_MAX = 40
_ERRORS = (
    *(Unauthenticated, Forbidden, Invalid, SkuNotFound, UnknownCurrency, PriceOutOfRange, MomentInvalid),
    *(TooManyScheduled, PreconditionFailed, ProductChanged),
)
Currency = Annotated[str, PathParameter(description="ISO 4217.", max_length=3)]


class SetPrice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``amount`` is in minor units; ``at`` is its start (RFC 3339; omitted or past: now)."""

    amount: int
    at: str | None = None


def routes(catalog: CatalogManagement) -> list[HTTPRouteHandler]:
    """The handlers of ``/prices``."""

    async def change(
        request: AnyRequest, sku: str, currency: str, amount: int | None, at: str | None, if_match: str | None
    ) -> Response[ManagedProduct]:
        caller = who_asks(request)

        async def version() -> int | None:
            try:
                return (await catalog.own_product_of_sku(caller, sku)).version
            except SkuNotFound:
                return None

        expected = await expected_version(if_match, version)
        with preconditions():
            return answer(await catalog.set_price(caller, sku, currency, amount, at=at, expected_version=expected))

    @put(
        "/prices/{sku:str}/{currency:str}",
        operation_id="setPrice",
        summary="Set a price, now or from a future time",
        description="Returns the product; `scheduled` has the future prices. If-Match refers to the product's version.",
        opt=write_access() | takes(JSON, kind=SetPrice, example=examples.PRICE) | identifiers("sku"),
        responses={
            **shown(200, "The product with the price."),
            **problems(*_ERRORS, InvalidJson, UnsupportedMediaType),
        },
    )
    async def set_price(
        request: AnyRequest, sku: Name, currency: Currency, if_match: IfMatch = None
    ) -> Response[ManagedProduct]:
        wanted = converted(await document(request, JSON), SetPrice)
        return await change(request, sku, currency, wanted.amount, wanted.at, if_match)

    @delete(
        "/prices/{sku:str}/{currency:str}",
        operation_id="endPrice",
        summary="End the sale in a currency",
        status_code=200,
        opt=write_access() | identifiers("sku"),
        responses={**shown(200, "The product without the price."), **problems(*_ERRORS)},
    )
    async def end_price(
        request: AnyRequest,
        sku: Name,
        currency: Currency,
        at: Annotated[
            str | None,
            Parameter(description="When it ends (RFC 3339); default: now.", max_length=MOMENT_CHARACTERS_MAX),
        ] = None,
        if_match: IfMatch = None,
    ) -> Response[ManagedProduct]:
        return await change(request, sku, currency, None, at, if_match)

    return [set_price, end_price]
