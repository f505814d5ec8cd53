"""REST: API keys of the caller and of their merchants: the same handlers under two paths, each with its own scope."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.handlers import HTTPRouteHandler

from renga.domains.identity.contract import (
    ApiKey,
    ApiKeys,
    Clients,
    KeyNotActive,
    KeyNotFound,
    MerchantNotFound,
    NewKey,
    OrganisationInvalid,
    RateLimit,
    ScopeNotAllowed,
    TooMany,
)
from renga.domains.identity.rest.shared import FirstPartyOnly, Id, body, first_party_caller, once, opt, origin
from renga.kernel.caller import FreshLoginRequired
from renga.kernel.errors import Forbidden, Invalid, Unauthenticated
from renga.kernel.once import IdempotencyConflict
from renga.platform.http.problems import problems
from renga.platform.http.requests import REPLAYED, AnyRequest, IdempotencyKey, replayed, who_asks

OVERLAP_DEFAULT_S = 86_400
_NEW = {
    "name": "stock import",
    "scopes": ["catalog:write"],
    "life_s": 31_536_000,
    "limit": {"per_minute": 600, "burst": 100},
}


class AskedLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sustained requests per minute, and the burst allowed at once."""

    per_minute: int
    burst: int


class NewKeyAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``life_s``: seconds until it expires (absent: never); ``limit``: its own rate (absent: the default)."""

    name: str
    scopes: list[str]
    life_s: int | None = None
    limit: AskedLimit | None = None


class Rotate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Seconds for which the old key stays valid."""

    overlap_s: int = OVERLAP_DEFAULT_S


class KeysView(msgspec.Struct, frozen=True):
    """Newest first, including revoked and expired keys."""

    items: list[ApiKey]


class _KeyRoutes(msgspec.Struct, frozen=True):
    """Path, scope and operation names of one set of the handlers."""

    path: str
    scope: str
    objects: str
    ids: str


_OWN = _KeyRoutes("/api-keys", "account", "the caller's own keys", "Key")
_MERCHANTS = _KeyRoutes(
    "/merchants/{merchant_id:str}/api-keys", "merchant", "keys of merchants that the caller owns", "MerchantKey"
)


def routes(keys: ApiKeys, clients: Clients) -> list[HTTPRouteHandler]:
    """The handlers of ``/api-keys`` and of ``/merchants/{merchant_id}/api-keys``."""
    return [handler for place in (_OWN, _MERCHANTS) for make in _MAKERS for handler in [make(keys, clients, place)]]


def _merchant(request: Request[Any, Any, Any]) -> str | None:
    merchant_id: str | None = request.path_params.get("merchant_id")
    return merchant_id


def _list(keys: ApiKeys, clients: Clients, place: _KeyRoutes) -> HTTPRouteHandler:
    @get(
        place.path,
        operation_id=f"list{place.ids}s",
        summary="List keys",
        opt=opt(place.scope, objects=place.objects),
        responses=problems(Unauthenticated, MerchantNotFound, Forbidden),
    )
    async def list_keys(request: AnyRequest) -> KeysView:
        return KeysView(list(await keys.of_owner(who_asks(request), _merchant(request))))

    return list_keys


def _create(keys: ApiKeys, clients: Clients, place: _KeyRoutes) -> HTTPRouteHandler:
    @post(
        place.path,
        operation_id=f"create{place.ids}",
        summary="Create a key",
        description="`key` is shown only once. A key never has more scopes than its creator has when it is used.",
        opt=opt(place.scope, objects=place.objects, fresh=True),
        response_headers=[REPLAYED],
        responses=problems(
            *(
                Unauthenticated,
                FreshLoginRequired,
                MerchantNotFound,
                Forbidden,
                FirstPartyOnly,
                ScopeNotAllowed,
                TooMany,
            ),
            *(OrganisationInvalid, IdempotencyConflict, Invalid),
        ),
    )
    async def create_key(
        request: AnyRequest, data: Annotated[NewKeyAsked, body(_NEW)], idempotency_key: IdempotencyKey = None
    ) -> Response[NewKey]:
        principal = await first_party_caller(request, clients)
        asked = await once(request, principal, idempotency_key)
        made = await keys.create(
            principal.caller,
            data.name,
            data.scopes,
            merchant_id=_merchant(request),
            life_s=data.life_s,
            limit=RateLimit(per_minute=data.limit.per_minute, burst=data.limit.burst) if data.limit else None,
            origin=origin(request),
            once=asked,
        )
        return Response(made, headers=replayed(asked))

    return create_key


def _rotate(keys: ApiKeys, clients: Clients, place: _KeyRoutes) -> HTTPRouteHandler:
    @post(
        f"{place.path}/{{key_id:str}}/rotate",
        operation_id=f"rotate{place.ids}",
        summary="Rotate a key",
        description="Creates a new key; both are valid during the overlap, then the old key ends.",
        opt=opt(place.scope, objects=place.objects, fresh=True),
        response_headers=[REPLAYED],
        responses=problems(
            *(
                Unauthenticated,
                FreshLoginRequired,
                MerchantNotFound,
                KeyNotFound,
                KeyNotActive,
                Forbidden,
                FirstPartyOnly,
            ),
            *(ScopeNotAllowed, OrganisationInvalid, IdempotencyConflict, Invalid),
        ),
    )
    async def rotate_key(
        request: AnyRequest,
        key_id: Id,
        data: Annotated[Rotate, body({"overlap_s": 86_400})],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[NewKey]:
        principal = await first_party_caller(request, clients)
        asked = await once(request, principal, idempotency_key)
        made = await keys.rotate(
            principal.caller,
            key_id,
            merchant_id=_merchant(request),
            overlap_s=data.overlap_s,
            origin=origin(request),
            once=asked,
        )
        return Response(made, headers=replayed(asked))

    return rotate_key


def _revoke(keys: ApiKeys, clients: Clients, place: _KeyRoutes) -> HTTPRouteHandler:
    @delete(
        f"{place.path}/{{key_id:str}}",
        operation_id=f"revoke{place.ids}",
        summary="Revoke a key",
        description="Effective within seconds. Idempotent.",
        opt=opt(place.scope, objects=place.objects),
        responses=problems(Unauthenticated, MerchantNotFound, KeyNotFound, Forbidden),
    )
    async def revoke_key(request: AnyRequest, key_id: Id) -> None:
        await keys.revoke(who_asks(request), key_id, merchant_id=_merchant(request), origin=origin(request))

    return revoke_key


_MAKERS: tuple[Callable[[ApiKeys, Clients, _KeyRoutes], HTTPRouteHandler], ...] = (_list, _create, _rotate, _revoke)
