"""REST: the caller's postal addresses. Saving an address that is saved already returns the existing one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import msgspec
from litestar import Response, delete, get, post, put
from litestar.handlers import HTTPRouteHandler

from renga.domains.identity.accounts.addresses import AddressLimitReached, AddressNotFound
from renga.domains.identity.contract import AccountNotFound, Accounts, Address, SavedAddress
from renga.domains.identity.rest.shared import Id, body, once, opt
from renga.kernel.address import PostalAddressInvalid
from renga.kernel.errors import Invalid, Unauthenticated
from renga.kernel.once import IdempotencyConflict
from renga.platform.http.problems import problems
from renga.platform.http.requests import REPLAYED, AnyRequest, IdempotencyKey, caller, replayed, who_asks

OWN = "the caller's own addresses"
_EXAMPLE = {
    "address": {
        "name": "Ana Souza",
        "line1": "Rua das Laranjeiras, 120",
        "line2": "ap. 42",
        "district": "Laranjeiras",
        "city": "Rio de Janeiro",
        "region": "RJ",
        "postal_code": "22240003",
        "country": "BR",
    },
    "default": True,
}


class SaveAddress(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An address; ``default`` makes it the first one offered."""

    address: Address
    default: bool = False


class AddressesView(msgspec.Struct, frozen=True):
    """The default first."""

    items: list[SavedAddress]


@contextmanager
def _in_body() -> Iterator[None]:
    """What is wrong with an address, named by its place in the body."""
    try:
        yield
    except PostalAddressInvalid as error:
        raise PostalAddressInvalid(error.detail, **error.extra | {"field": f"address.{error.extra['field']}"}) from None


def routes(accounts: Accounts) -> list[HTTPRouteHandler]:
    """The handlers below ``/me/addresses``."""

    @get(
        "/me/addresses",
        operation_id="listAddresses",
        summary="List your addresses",
        opt=opt("account", objects=OWN),
        responses=problems(Unauthenticated),
    )
    async def list_addresses(request: AnyRequest) -> AddressesView:
        return AddressesView(list(await accounts.addresses(who_asks(request))))

    @post(
        "/me/addresses",
        operation_id="addAddress",
        summary="Save a new address",
        description="An address that is saved already is not saved again: the answer is the existing one.",
        opt=opt("account", objects=OWN),
        response_headers=[REPLAYED],
        responses=problems(
            *(Unauthenticated, AccountNotFound, AddressLimitReached, Invalid, PostalAddressInvalid, IdempotencyConflict)
        ),
    )
    async def add_address(
        request: AnyRequest, data: Annotated[SaveAddress, body(_EXAMPLE)], idempotency_key: IdempotencyKey = None
    ) -> Response[SavedAddress]:
        principal = caller(request)
        asked = await once(request, principal, idempotency_key)
        with _in_body():
            saved = await accounts.save_address(
                principal.caller, data.address, address_id=None, default=data.default, once=asked
            )
        return Response(saved, headers={"Location": f"/v1/identity/me/addresses/{saved.id}", **replayed(asked)})

    @put(
        "/me/addresses/{address_id:str}",
        operation_id="replaceAddress",
        summary="Replace an address",
        opt=opt("account", objects=OWN),
        responses=problems(Unauthenticated, AccountNotFound, AddressNotFound, Invalid, PostalAddressInvalid),
    )
    async def replace_address(
        request: AnyRequest, address_id: Id, data: Annotated[SaveAddress, body(_EXAMPLE)]
    ) -> SavedAddress:
        asking = who_asks(request)
        with _in_body():
            return await accounts.save_address(asking, data.address, address_id=address_id, default=data.default)

    @delete(
        "/me/addresses/{address_id:str}",
        operation_id="removeAddress",
        summary="Remove an address",
        description="An address that does not exist is no error.",
        opt=opt("account", objects=OWN),
        responses=problems(Unauthenticated),
    )
    async def remove_address(request: AnyRequest, address_id: Id) -> None:
        await accounts.remove_address(who_asks(request), address_id)

    return [list_addresses, add_address, replace_address, remove_address]
