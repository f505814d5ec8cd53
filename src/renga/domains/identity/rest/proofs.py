"""REST: the caller's credentials: password, TOTP, passkeys. Only for first-party sessions and tokens."""

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post, put
from litestar.handlers import HTTPRouteHandler

from renga.domains.identity.contract import (
    Accounts,
    Clients,
    CredentialsRefused,
    Passkey,
    PasskeyRefused,
    PasswordRefused,
    SecondFactorRefused,
    SecondFactorRequired,
    TotpEnrolment,
)
from renga.domains.identity.rest.shared import FirstPartyOnly, Id, body, first_party_caller, once, opt, origin
from renga.kernel.caller import FreshLoginRequired
from renga.kernel.errors import Conflict, Invalid, Unauthenticated
from renga.kernel.once import IdempotencyConflict
from renga.platform.http.problems import problems
from renga.platform.http.requests import REPLAYED, AnyRequest, IdempotencyKey, replayed, who_asks

OWN = "the caller's own credentials"
CODE_CHARACTERS_MAX = 40


class ChangePassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The present and the new password."""

    old: str
    new: str


class ProofCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A six-digit TOTP code or a recovery code."""

    code: Annotated[str, msgspec.Meta(max_length=CODE_CHARACTERS_MAX)]


class NewPasskey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The JSON result of ``navigator.credentials.create``, and a name for the passkey."""

    credential: dict[str, Any]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Shown only once; each replaces a TOTP code once."""

    recovery_codes: list[str]


class PasskeysView(msgspec.Struct, frozen=True):
    """Newest first."""

    items: list[Passkey]


def routes(accounts: Accounts, clients: Clients) -> list[HTTPRouteHandler]:
    """The handlers of ``/me/password``, ``/me/totp`` and ``/me/passkeys``."""
    return [_password(accounts, clients), *_totp(accounts, clients), *_passkeys(accounts, clients)]


def _password(accounts: Accounts, clients: Clients) -> HTTPRouteHandler:
    @put(
        "/me/password",
        operation_id="changePassword",
        summary="Change your password",
        description="Ends every other session and every refresh token.",
        status_code=204,
        opt=opt("account", objects=OWN, rate="login", fresh=True),
        responses=problems(
            Unauthenticated, FreshLoginRequired, CredentialsRefused, PasswordRefused, FirstPartyOnly, Invalid
        ),
    )
    async def change_password(
        request: AnyRequest,
        data: Annotated[ChangePassword, body({"old": "the one that is", "new": "a sentence that only you know"})],
    ) -> None:
        principal = await first_party_caller(request, clients)
        await accounts.change_password(
            principal.caller, data.old, data.new, origin(request), keep_session=principal.session_id
        )

    return change_password


def _totp(accounts: Accounts, clients: Clients) -> list[HTTPRouteHandler]:
    @post(
        "/me/totp",
        operation_id="startTotp",
        summary="Start TOTP enrolment",
        description="Returns a secret, which is inactive until a code confirms it.",
        status_code=200,
        opt=opt("account", objects=OWN, fresh=True),
        response_headers=[REPLAYED],
        responses=problems(
            Unauthenticated, FreshLoginRequired, SecondFactorRequired, FirstPartyOnly, IdempotencyConflict, Invalid
        ),
    )
    async def start_totp(request: AnyRequest, idempotency_key: IdempotencyKey = None) -> Response[TotpEnrolment]:
        principal = await first_party_caller(request, clients)
        asked = await once(request, principal, idempotency_key)
        return Response(await accounts.start_totp(principal.caller, once=asked), headers=replayed(asked))

    @post(
        "/me/totp/confirm",
        operation_id="confirmTotp",
        summary="Confirm TOTP enrolment",
        description="Returns ten recovery codes, shown only once.",
        status_code=200,
        opt=opt("account", objects=OWN, rate="login", fresh=True),
        response_headers=[REPLAYED],
        responses=problems(
            Unauthenticated, FreshLoginRequired, SecondFactorRefused, FirstPartyOnly, IdempotencyConflict, Invalid
        ),
    )
    async def confirm_totp(
        request: AnyRequest,
        data: Annotated[ProofCode, body({"code": "123456"})],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[RecoveryCodes]:
        principal = await first_party_caller(request, clients)
        asked = await once(request, principal, idempotency_key)
        codes = await accounts.confirm_totp(principal.caller, data.code, once=asked)
        return Response(RecoveryCodes(list(codes)), headers=replayed(asked))

    @post(
        "/me/totp/remove",
        operation_id="removeTotp",
        summary="Remove TOTP",
        status_code=204,
        opt=opt("account", objects=OWN, rate="login", fresh=True),
        response_headers=[REPLAYED],
        responses=problems(
            *(
                Unauthenticated,
                FreshLoginRequired,
                SecondFactorRefused,
                SecondFactorRequired,
                FirstPartyOnly,
                IdempotencyConflict,
                Invalid,
            )
        ),
    )
    async def remove_totp(
        request: AnyRequest,
        data: Annotated[ProofCode, body({"code": "123456"})],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[None]:
        principal = await first_party_caller(request, clients)
        asked = await once(request, principal, idempotency_key)
        await accounts.remove_totp(principal.caller, data.code, once=asked)
        return Response(None, headers=replayed(asked))

    return [start_totp, confirm_totp, remove_totp]


def _passkeys(accounts: Accounts, clients: Clients) -> list[HTTPRouteHandler]:
    @get(
        "/me/passkeys",
        operation_id="listPasskeys",
        summary="List your passkeys",
        opt=opt("account", objects=OWN),
        responses=problems(Unauthenticated),
    )
    async def list_passkeys(request: AnyRequest) -> PasskeysView:
        return PasskeysView(list(await accounts.passkeys(who_asks(request))))

    @post(
        "/me/passkeys/options",
        operation_id="startPasskey",
        summary="Start passkey registration",
        status_code=200,
        opt=opt("account", objects=OWN, fresh=True),
        response_headers=[REPLAYED],
        responses=problems(
            *(Unauthenticated, FreshLoginRequired, FirstPartyOnly),
            *(Conflict, IdempotencyConflict, Invalid),
        ),
    )
    async def start_passkey(request: AnyRequest, idempotency_key: IdempotencyKey = None) -> Response[dict[str, Any]]:
        principal = await first_party_caller(request, clients)
        asked = await once(request, principal, idempotency_key)
        return Response(await accounts.start_passkey(principal.caller, once=asked), headers=replayed(asked))

    @post(
        "/me/passkeys",
        operation_id="addPasskey",
        summary="Register a passkey",
        description="Uses the challenge up: the same credential cannot be registered twice.",
        status_code=204,
        opt=opt("account", objects=OWN, fresh=True),
        response_headers=[REPLAYED],
        responses=problems(
            Unauthenticated, FreshLoginRequired, PasskeyRefused, FirstPartyOnly, Conflict, IdempotencyConflict, Invalid
        ),
    )
    async def add_passkey(
        request: AnyRequest,
        data: Annotated[NewPasskey, body({"credential": {"id": "…"}, "name": "Phone"})],
        idempotency_key: IdempotencyKey = None,
    ) -> Response[None]:
        principal = await first_party_caller(request, clients)
        asked = await once(request, principal, idempotency_key)
        await accounts.finish_passkey(principal.caller, data.credential, data.name, once=asked)
        return Response(None, headers=replayed(asked))

    @delete(
        "/me/passkeys/{passkey_id:str}",
        operation_id="removePasskey",
        summary="Remove a passkey",
        opt=opt("account", objects=OWN, fresh=True),
        responses=problems(Unauthenticated, FreshLoginRequired, SecondFactorRequired, FirstPartyOnly),
    )
    async def remove_passkey(request: AnyRequest, passkey_id: Id) -> None:
        principal = await first_party_caller(request, clients)
        await accounts.remove_passkey(principal.caller, passkey_id)

    return [list_passkeys, start_passkey, add_passkey, remove_passkey]
