"""The steps from a first factor to a logged-in session, and logging out."""

import secrets
from typing import Any, Literal

import msgspec
import structlog
from litestar import Response

from renga.domains.identity.contract import STAFF, Account, Authenticated
from renga.frontends.web import cookies
from renga.frontends.web.desk import Desk, with_next
from renga.frontends.web.errors import LoginNeeded
from renga.frontends.web.visitor import visitor_of
from renga.kernel.errors import RengaError
from renga.platform.sessions.port import Session

log = structlog.get_logger(__name__)

#: Time for the second factor after the first.
PENDING_MS = 10 * 60_000
_CSRF_BYTES = 24
_SECOND_FACTORS = frozenset(("otp", "hwk", "swk", "mfa"))

#: The next login step: none, a second factor, or the enrolment of one.
Missing = Literal["", "second_factor", "enrolment"]


def missing(authenticated: Authenticated) -> Missing:
    """Staff without a second factor must enrol one; an account with only a passkey must use it."""
    account = authenticated.account
    proved_twice = bool(_SECOND_FACTORS & set(authenticated.amr))
    if not authenticated.second_factor_needed and (proved_twice or not is_staff(account)):
        return ""
    return "second_factor" if account.second_factor or account.passkeys else "enrolment"


def is_staff(account: Account) -> bool:
    return bool(STAFF & set(account.stakeholders))


async def admit(desk: Desk, authenticated: Authenticated, next_: str) -> Response[bytes]:
    """After a first factor (or a passkey): complete the login, or redirect to the missing step."""
    step = missing(authenticated)
    if not step:
        await let_in(desk, authenticated.account, authenticated.amr)
        return await bring_cart(desk, await desk.onward(next_))
    session = msgspec.structs.replace(
        _session(desk),
        account_id=None,
        pending_account_id=authenticated.account.id,
        amr=authenticated.amr,
        auth_at_ms=desk.shop.clock.now_ms(),
    )
    path = "/login/second-factor" if step == "second_factor" else "/login/enrol"
    await rotate(desk, session)
    return desk.to(with_next(path, next_))


async def let_in(desk: Desk, account: Account, amr: tuple[str, ...]) -> None:
    """Bind the session to the account under a new cookie. Build the response after this."""
    session = msgspec.structs.replace(
        _session(desk),
        account_id=account.id,
        pending_account_id=None,
        stakeholders=account.stakeholders,
        amr=amr,
        auth_at_ms=desk.shop.clock.now_ms(),
    )
    await rotate(desk, session)


async def rotate(desk: Desk, session: Session) -> None:
    """Store the session under a new cookie and form token; the old ones become invalid."""
    session = msgspec.structs.replace(session, csrf=secrets.token_urlsafe(_CSRF_BYTES))
    await desk.become(await desk.identity.sessions.rotate(desk.who.secret, session))


async def renew(desk: Desk) -> None:
    """Record a fresh authentication."""
    await rotate(desk, msgspec.structs.replace(desk.session, auth_at_ms=desk.shop.clock.now_ms()))


async def bring_cart(desk: Desk, response: Response[bytes]) -> Response[bytes]:
    """Assign the guest's cart to the account.

    An error does not prevent the login; the cart then stays a guest's under its cookie.
    """
    try:
        taken = await desk.identity.take_over(visitor_of(desk.request, desk.shop.languages).cart_id, desk.account_id)
    except RengaError as error:
        log.warning("cart_not_taken_over", code=error.code)
        return response
    if taken is not None:
        desk.shop.jar.put(response, cookies.CART, taken)
    return response


def pending_account(desk: Desk) -> str:
    """The account between its first and second factor. Raises LoginNeeded without one, or after PENDING_MS."""
    session = desk.who.session
    if session is None or session.pending_account_id is None:
        raise LoginNeeded("/account")
    if desk.shop.clock.now_ms() - session.auth_at_ms > PENDING_MS:
        raise LoginNeeded("/account")
    return session.pending_account_id


def _session(desk: Desk) -> Session:
    session = desk.who.session
    if session is None:
        raise LoginNeeded("/account")
    return session


async def leave(desk: Desk, response: Response[bytes]) -> Response[bytes]:
    """End the session; the cart stays with the customer."""
    if desk.who.secret:
        await desk.identity.sessions.end(desk.who.secret)
    desk.shop.jar.drop_session(response)
    desk.shop.jar.drop(response, cookies.CART)
    return response


async def gate_page(desk: Desk, template: str, **context: Any) -> Response[bytes]:
    """A page with a form for an anonymous visitor; starts a session, because the form's token needs one."""
    await begin(desk)
    return await desk.page(template, **context)


async def begin(desk: Desk) -> None:
    """Start an anonymous session if there is none."""
    if desk.who.session is None:
        visitor = desk.visitor
        secret, _ = await desk.identity.sessions.start(address=visitor.address, agent=visitor.agent)
        await desk.become(secret)
