"""REST: the caller's account: profile, sessions, audit trail, export and erasure."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import delete, get, patch
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from renga.domains.identity.contract import (
    Account,
    AccountNotFound,
    Accounts,
    Audit,
    AuditEntry,
    Clients,
    LastOwner,
    NameInvalid,
)
from renga.domains.identity.rest.shared import FirstPartyOnly, Id, body, first_party_caller, opt, origin
from renga.kernel.caller import FreshLoginRequired
from renga.kernel.clock import rfc3339
from renga.kernel.errors import Invalid, NotFound, Unauthenticated
from renga.platform.http.problems import problems
from renga.platform.http.requests import AnyRequest, caller, who_asks
from renga.platform.sessions.port import Session, Sessions

OWN = "the caller's own account"


class SessionNotFound(NotFound):
    code = "session_not_found"
    title = "There is no such session"


class ChangeMe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to the caller's profile; absent members stay as they are."""

    name: str | None = None
    language: str | None = None


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """One browser session. ``current`` marks the caller's own; it started at ``created_at`` and was last used at ``seen_at``."""

    id: str
    current: bool
    created_at: str
    seen_at: str
    address: str
    agent: str


class SessionsView(msgspec.Struct, frozen=True):
    """Most recently used first."""

    items: list[SessionView]


class TrailView(msgspec.Struct, frozen=True):
    """Newest first. ``next`` is the cursor of the next page, null on the last page."""

    next: str | None
    items: list[AuditEntry]


def trail_view(found: Sequence[AuditEntry], limit: int) -> TrailView:
    """One page of the trail, of at most ``limit`` entries."""
    return TrailView(next=found[-1].id if len(found) == limit else None, items=list(found))


def routes(accounts: Accounts, sessions: Sessions, audit: Audit, clients: Clients) -> list[HTTPRouteHandler]:
    """The handlers below ``/me``, except credentials and addresses."""
    return [*_person(accounts, clients), *_sessions(sessions), _trail(audit)]


def _person(accounts: Accounts, clients: Clients) -> list[HTTPRouteHandler]:
    @get(
        "/me",
        operation_id="readMe",
        summary="Read your account",
        opt=opt("account", objects=OWN),
        responses=problems(Unauthenticated, AccountNotFound),
    )
    async def read_me(request: AnyRequest) -> Account:
        return await accounts.find(who_asks(request))

    @patch(
        "/me",
        operation_id="changeMe",
        summary="Change your name or language",
        opt=opt("account", objects=OWN),
        responses=problems(Unauthenticated, AccountNotFound, NameInvalid, Invalid),
    )
    async def change_me(
        request: AnyRequest, data: Annotated[ChangeMe, body({"name": "Ana Souza", "language": "pt-BR"})]
    ) -> Account:
        return await accounts.change_profile(
            who_asks(request), name=data.name, language=data.language, origin=origin(request)
        )

    @delete(
        "/me",
        operation_id="eraseMe",
        summary="Erase your account",
        description="Deletes names, addresses, credentials, keys and sessions; ids in records stay. Irreversible.",
        opt=opt("account", objects=OWN, fresh=True),
        responses=problems(Unauthenticated, FreshLoginRequired, AccountNotFound, FirstPartyOnly, LastOwner),
    )
    async def erase_me(request: AnyRequest) -> None:
        principal = await first_party_caller(request, clients)
        await accounts.erase(principal.caller, origin(request))

    @get(
        "/me/export",
        operation_id="exportMe",
        summary="Export all data about you",
        opt=opt("account", objects=OWN, fresh=True),
        responses=problems(Unauthenticated, FreshLoginRequired, AccountNotFound, FirstPartyOnly),
    )
    async def export_me(request: AnyRequest) -> dict[str, Any]:
        principal = await first_party_caller(request, clients)
        return await accounts.export(principal.caller)

    return [read_me, change_me, erase_me, export_me]


def _sessions(sessions: Sessions) -> list[HTTPRouteHandler]:
    @get(
        "/me/sessions",
        operation_id="listSessions",
        summary="List your sessions",
        opt=opt("account", objects="the caller's own sessions"),
        responses=problems(Unauthenticated),
    )
    async def list_sessions(request: AnyRequest) -> SessionsView:
        principal = caller(request)
        found = await sessions.of_account(principal.subject)
        return SessionsView([_session(one, principal.session_id) for one in found])

    @delete(
        "/me/sessions/{session_id:str}",
        operation_id="revokeSession",
        summary="End one session",
        opt=opt("account", objects="the caller's own sessions"),
        responses=problems(Unauthenticated, SessionNotFound),
    )
    async def revoke_session(request: AnyRequest, session_id: Id) -> None:
        if not await sessions.revoke(caller(request).subject, session_id):
            raise SessionNotFound()

    @delete(
        "/me/sessions",
        operation_id="revokeSessions",
        summary="End all sessions except the current one",
        opt=opt("account", objects="the caller's own sessions"),
        responses=problems(Unauthenticated),
    )
    async def revoke_sessions(request: AnyRequest) -> None:
        principal = caller(request)
        await sessions.revoke(principal.subject, but=principal.session_id)

    return [list_sessions, revoke_session, revoke_sessions]


def _trail(audit: Audit) -> HTTPRouteHandler:
    @get(
        "/me/audit",
        operation_id="listOwnAudit",
        summary="Read your audit trail",
        opt=opt("account", objects="the caller's own audit trail"),
        responses=problems(Unauthenticated, Invalid),
    )
    async def own_audit(
        request: AnyRequest,
        limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
        cursor: Annotated[
            str | None, QueryParameter(description="`next` of the previous page.", min_length=1, max_length=40)
        ] = None,
    ) -> TrailView:
        found = await audit.entries(who_asks(request), account_id=caller(request).subject, limit=limit, before=cursor)
        return trail_view(found, limit)

    return own_audit


def _session(session: Session, current: str | None) -> SessionView:
    return SessionView(
        id=session.id,
        current=session.id == current,
        created_at=rfc3339(session.created_ms),
        seen_at=rfc3339(session.seen_ms),
        address=session.address,
        agent=session.agent,
    )
