"""REST: the registered OAuth clients (for administrators), and the caller's consents."""

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, delete, get, post
from litestar.handlers import HTTPRouteHandler

from renga.domains.identity.contract import (
    ADMINISTRATION,
    Client,
    ClientIdTaken,
    ClientInvalid,
    ClientNotFound,
    Clients,
    Consent,
    IdTokenAlgorithm,
    TooMany,
)
from renga.domains.identity.rest.shared import Id, body, once, opt, origin
from renga.kernel.caller import FreshLoginRequired
from renga.kernel.errors import Invalid, Unauthenticated
from renga.kernel.once import IdempotencyConflict
from renga.platform.http.problems import problems
from renga.platform.http.requests import REPLAYED, AnyRequest, IdempotencyKey, caller, replayed, who_asks

ALL = "every client"
_NEW = {
    "name": "Price comparison",
    "redirect_uris": ["https://prices.example/callback"],
    "scopes": ["openid", "cart"],
    "auth_method": "none",
}

AuthMethod = Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]


class NewClient(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A client to register; a missing id is generated."""

    id: str = ""
    name: str
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    grant_types: tuple[str, ...] = ("authorization_code", "refresh_token")
    scopes: tuple[str, ...] = ()
    auth_method: AuthMethod = "none"
    jwks: dict[str, Any] | None = None
    first_party: bool = False
    dpop_required: bool = False
    id_token_signed_response_alg: IdTokenAlgorithm = "RS256"


class ClientView(msgspec.Struct, frozen=True, kw_only=True):
    """A client's public data, without the hash of its secret."""

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...]
    auth_method: AuthMethod
    jwks: dict[str, Any] | None
    first_party: bool
    dpop_required: bool
    id_token_signed_response_alg: IdTokenAlgorithm


class RegisteredClient(msgspec.Struct, frozen=True, kw_only=True):
    """A client that was just registered: ``secret`` is shown only once."""

    client: ClientView
    secret: str | None


class ClientsView(msgspec.Struct, frozen=True):
    """By name."""

    items: list[ClientView]


class ConsentsView(msgspec.Struct, frozen=True):
    """By the client's name."""

    items: list[Consent]


def routes(clients: Clients) -> list[HTTPRouteHandler]:
    """The handlers of ``/clients`` and of ``/me/consents``."""
    return [*_clients(clients), *_consents(clients)]


def _clients(clients: Clients) -> list[HTTPRouteHandler]:
    @get(
        "/clients",
        operation_id="listClients",
        summary="List OAuth clients",
        opt=opt(ADMINISTRATION, objects=ALL),
        responses=problems(Unauthenticated),
    )
    async def list_clients(request: AnyRequest) -> ClientsView:
        return ClientsView([_view(client) for client in await clients.all(who_asks(request))])

    @post(
        "/clients",
        operation_id="registerClient",
        summary="Register an OAuth client",
        description="`secret` is shown only once, and only if the client authenticates with a secret.",
        opt=opt(ADMINISTRATION, objects=ALL, fresh=True),
        response_headers=[REPLAYED],
        responses=problems(
            Unauthenticated, FreshLoginRequired, ClientInvalid, ClientIdTaken, TooMany, IdempotencyConflict, Invalid
        ),
    )
    async def register_client(
        request: AnyRequest, data: Annotated[NewClient, body(_NEW)], idempotency_key: IdempotencyKey = None
    ) -> Response[RegisteredClient]:
        principal = caller(request)
        asked = await once(request, principal, idempotency_key)
        client, secret = await clients.register(
            principal.caller,
            Client(**msgspec.structs.asdict(data)),
            origin=origin(request),
            once=asked,
        )
        return Response(
            RegisteredClient(client=_view(client), secret=secret),
            headers={"Location": f"/v1/identity/clients/{client.id}", **replayed(asked)},
        )

    @get(
        "/clients/{client_id:str}",
        operation_id="readClient",
        summary="Read an OAuth client",
        opt=opt(ADMINISTRATION, objects=ALL),
        responses=problems(Unauthenticated, ClientNotFound),
    )
    async def read_client(request: AnyRequest, client_id: Id) -> ClientView:
        return _view(await clients.read(who_asks(request), client_id))

    @delete(
        "/clients/{client_id:str}",
        operation_id="removeClient",
        summary="Remove an OAuth client",
        description="Ends its tokens and deletes all consents given to it.",
        opt=opt(ADMINISTRATION, objects=ALL),
        responses=problems(Unauthenticated, ClientNotFound),
    )
    async def remove_client(request: AnyRequest, client_id: Id) -> None:
        await clients.remove(who_asks(request), client_id, origin=origin(request))

    return [list_clients, register_client, read_client, remove_client]


def _consents(clients: Clients) -> list[HTTPRouteHandler]:
    @get(
        "/me/consents",
        operation_id="listConsents",
        summary="List your consents to applications",
        opt=opt("account", objects="the caller's own consents"),
        responses=problems(Unauthenticated),
    )
    async def list_consents(request: AnyRequest) -> ConsentsView:
        return ConsentsView(list(await clients.consents(who_asks(request))))

    @delete(
        "/me/consents/{client_id:str}",
        operation_id="withdrawConsent",
        summary="Withdraw your consent to an application",
        description="Ends the application's tokens for your account. No error if there was no consent.",
        opt=opt("account", objects="the caller's own consents"),
        responses=problems(Unauthenticated),
    )
    async def withdraw_consent(request: AnyRequest, client_id: Id) -> None:
        await clients.withdraw(who_asks(request), client_id, origin=origin(request))

    return [list_consents, withdraw_consent]


def _view(client: Client) -> ClientView:
    values = msgspec.structs.asdict(client)
    return ClientView(**{name: values[name] for name in ClientView.__struct_fields__})
