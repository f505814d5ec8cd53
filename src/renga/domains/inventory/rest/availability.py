"""REST: what can be bought of some skus, for everybody."""

from typing import Annotated, Any

from litestar import get
from litestar.datastructures import CacheControlHeader
from litestar.openapi.spec import Example
from litestar.params import Parameter

from renga.domains.inventory.contract import PUBLIC_AVAILABILITY_MAX, SkusInvalid, Stock
from renga.domains.inventory.rest.documents import AvailabilityList, availability_view
from renga.kernel.sku import SKU_CHARACTERS_MAX
from renga.platform.auth.access import PUBLIC
from renga.platform.cards.declared import identifiers
from renga.platform.http.openapi_handlers import bounds
from renga.platform.http.problems import problems
from renga.platform.http.requests import AnyRequest, who_asks

Skus = Annotated[
    list[str],
    Parameter(
        description="Once for each sku.",
        examples=[Example(value=["CAN-AURORA-AZ"])],
    ),
]

_BOUNDS = {
    "minItems": 1,
    "maxItems": PUBLIC_AVAILABILITY_MAX,
    "items": {"type": "string", "minLength": 1, "maxLength": SKU_CHARACTERS_MAX},
}


def routes(stock: Stock) -> list[Any]:
    """The handler of ``/v1/availability``."""

    @get(
        "/v1/availability",
        operation_id="readAvailability",
        summary="What can be bought of some skus",
        description="Skus that are not counted are absent. A bundle has what its scarcest part allows.",
        tags=["inventory"],
        cache_control=CacheControlHeader(no_store=True, private=True),
        opt={"access": PUBLIC, **bounds({"sku": _BOUNDS}), **identifiers("sku")},
        responses=problems(SkusInvalid),
    )
    async def read(request: AnyRequest, sku: Skus) -> AvailabilityList:
        found = await stock.public_availability(who_asks(request), sku)
        return AvailabilityList(items=[availability_view(found[one]) for one in dict.fromkeys(sku) if one in found])

    return [read]
