"""What it takes to be let in: the steps between a first factor and a session that is hers, and out again."""

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

#: After the first factor there is this long for the second.
PENDING_MS = 10 * 60_000
_CSRF_BYTES = 24
_SECOND_FACTORS = frozenset(("otp", "hwk", "swk", "mfa"))

#: What is missing before she may go on: nothing, a code or a passkey, or the setting up of a second factor.
Missing = Literal["", "second_factor", "enrolment"]


def missing(authenticated: Authenticated) -> Missing:
    """Staff without a second factor have to set one up; who has a passkey alone has to use it."""
    account = authenticated.account
    proved_twice = bool(_SECOND_FACTORS & set(authenticated.amr))
    if not authenticated.second_factor_needed and (proved_twice or not is_staff(account)):
        return ""
    return "second_factor" if account.second_factor or account.passkeys else "enrolment"


def is_staff(account: Account) -> bool:
    return bool(STAFF & set(account.stakeholders))


async def admit(desk: Desk, authenticated: Authenticated, next_: str) -> Response[bytes]:
    """After a first factor (or a passkey): let her in, or lead her to what is missing."""
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
    """The session becomes hers, under a new cookie. The answer to her is made after this."""
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
    """New rights, new cookie, new form token; what was known before is worth nothing."""
    session = msgspec.structs.replace(session, csrf=secrets.token_urlsafe(_CSRF_BYTES))
    await desk.become(await desk.identity.sessions.rotate(desk.who.secret, session))


async def renew(desk: Desk) -> None:
    """She has just proved again who she is."""
    await rotate(desk, msgspec.structs.replace(desk.session, auth_at_ms=desk.shop.clock.now_ms()))


async def bring_cart(desk: Desk, response: Response[bytes]) -> Response[bytes]:
    """The cart that she brought along becomes hers.

    One that cannot come along now does not keep her out; it stays a guest's under its own cookie.
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
    """Who is between her first and second factor. Raises LoginNeeded when nobody is, or not any more."""
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
    """The session ends, and the customer's cart stays with the customer."""
    if desk.who.secret:
        await desk.identity.sessions.end(desk.who.secret)
    desk.shop.jar.drop_session(response)
    desk.shop.jar.drop(response, cookies.CART)
    return response


async def gate_page(desk: Desk, template: str, **context: Any) -> Response[bytes]:
    """A page with a form for who is not logged in: the form's token needs a session, so one begins here."""
    await begin(desk)
    return await desk.page(template, **context)


async def begin(desk: Desk) -> None:
    """A session for who has none yet; it is nobody's."""
    if desk.who.session is None:
        visitor = desk.visitor
        secret, _ = await desk.identity.sessions.start(address=visitor.address, agent=visitor.agent)
        await desk.become(secret)
