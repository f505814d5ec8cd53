"""REST: how the account that calls proves itself: password, time-based codes, passkeys. From the shop's own pages only."""

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
from renga.domains.identity.rest.shared import FirstPartyOnly, Id, body, once, opt, origin, own_hands
from renga.kernel.caller import FreshLoginRequired
from renga.kernel.errors import Conflict, Invalid, Unauthenticated
from renga.kernel.once import IdempotencyConflict
from renga.platform.http.problems import problems
from renga.platform.http.requests import REPLAYED, AnyRequest, IdempotencyKey, replayed, who_asks

OWN = "her own proofs"
CODE_CHARACTERS_MAX = 40


class ChangePassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password that is, and the one that is to be."""

    old: str
    new: str


class ProofCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Six digits of the authenticator, or a recovery code."""

    code: Annotated[str, msgspec.Meta(max_length=CODE_CHARACTERS_MAX)]


class NewPasskey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ``navigator.credentials.create`` gave, as JSON, and a name to know it by."""

    credential: dict[str, Any]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Shown this once; each works once in place of a code."""

    recovery_codes: list[str]


class PasskeysView(msgspec.Struct, frozen=True):
    """Newest first."""

    items: list[Passkey]


def routes(accounts: Accounts, clients: Clients) -> list[HTTPRouteHandler]:
    """The handlers of ``/me/password``, ``/me/totp`` and ``/me/passkeys``."""
    return [*_codes(accounts, clients), *_passkeys(accounts, clients)]


def _codes(accounts: Accounts, clients: Clients) -> list[HTTPRouteHandler]:
    @put(
        "/me/password",
        operation_id="changePassword",
        summary="Change one's password",
        description="Every other session and every refresh token ends.",
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
        principal = await own_hands(request, clients)
        await accounts.change_password(
            principal.caller, data.old, data.new, origin(request), keep_session=principal.session_id
        )

    @post(
        "/me/totp",
        operation_id="startTotp",
        summary="Get a secret for an authenticator",
        description="It is not active before its first code was given.",
        status_code=200,
        opt=opt("account", objects=OWN, fresh=True),
        response_headers=[REPLAYED],
        responses=problems(
            Unauthenticated, FreshLoginRequired, SecondFactorRequired, FirstPartyOnly, IdempotencyConflict, Invalid
        ),
    )
    async def start_totp(request: AnyRequest, idempotency_key: IdempotencyKey = None) -> Response[TotpEnrolment]:
        principal = await own_hands(request, clients)
        asked = await once(request, principal, idempotency_key)
        return Response(await accounts.start_totp(principal.caller, once=asked), headers=replayed(asked))

    @post(
        "/me/totp/confirm",
        operation_id="confirmTotp",
        summary="Activate the authenticator",
        description="Answers with ten recovery codes, shown this once.",
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
        principal = await own_hands(request, clients)
        asked = await once(request, principal, idempotency_key)
        codes = await accounts.confirm_totp(principal.caller, data.code, once=asked)
        return Response(RecoveryCodes(list(codes)), headers=replayed(asked))

    @post(
        "/me/totp/remove",
        operation_id="removeTotp",
        summary="Remove the authenticator",
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
        principal = await own_hands(request, clients)
        asked = await once(request, principal, idempotency_key)
        await accounts.remove_totp(principal.caller, data.code, once=asked)
        return Response(None, headers=replayed(asked))

    return [change_password, start_totp, confirm_totp, remove_totp]


def _passkeys(accounts: Accounts, clients: Clients) -> list[HTTPRouteHandler]:
    @get(
        "/me/passkeys",
        operation_id="listPasskeys",
        summary="List one's passkeys",
        opt=opt("account", objects=OWN),
        responses=problems(Unauthenticated),
    )
    async def list_passkeys(request: AnyRequest) -> PasskeysView:
        return PasskeysView(list(await accounts.passkeys(who_asks(request))))

    @post(
        "/me/passkeys/options",
        operation_id="startPasskey",
        summary="Options for navigator.credentials.create",
        status_code=200,
        opt=opt("account", objects=OWN, fresh=True),
        response_headers=[REPLAYED],
        responses=problems(
            *(Unauthenticated, FreshLoginRequired, FirstPartyOnly),
            *(Conflict, IdempotencyConflict, Invalid),
        ),
    )
    async def start_passkey(request: AnyRequest, idempotency_key: IdempotencyKey = None) -> Response[dict[str, Any]]:
        principal = await own_hands(request, clients)
        asked = await once(request, principal, idempotency_key)
        return Response(await accounts.start_passkey(principal.caller, once=asked), headers=replayed(asked))

    @post(
        "/me/passkeys",
        operation_id="addPasskey",
        summary="Keep a passkey",
        description="A challenge is used up by it, so sending it twice keeps one.",
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
        principal = await own_hands(request, clients)
        asked = await once(request, principal, idempotency_key)
        await accounts.finish_passkey(principal.caller, data.credential, data.name, once=asked)
        return Response(None, headers=replayed(asked))

    @delete(
        "/me/passkeys/{passkey_id:str}",
        operation_id="removePasskey",
        summary="Forget a passkey",
        opt=opt("account", objects=OWN, fresh=True),
        responses=problems(Unauthenticated, FreshLoginRequired, SecondFactorRequired, FirstPartyOnly),
    )
    async def remove_passkey(request: AnyRequest, passkey_id: Id) -> None:
        principal = await own_hands(request, clients)
        await accounts.remove_passkey(principal.caller, passkey_id)

    return [list_passkeys, start_passkey, add_passkey, remove_passkey]
