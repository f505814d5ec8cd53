"""The steps from a first factor to a logged-in session, and logging out."""

import secrets
from typing import Any, Literal

import msgspec
import structlog
from litestar import Response

from renga.domains.identity.contract import STAFF, Account, Authenticated
from renga.frontends.web import cookies
from renga.frontends.web.account_exchange import AccountExchange, with_next
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


async def continue_login(exchange: AccountExchange, authenticated: Authenticated, next_: str) -> Response[bytes]:
    """After a first factor (or a passkey): complete the login, or redirect to the missing step."""
    step = missing(authenticated)
    if not step:
        await complete_login(exchange, authenticated.account, authenticated.amr)
        return await take_over_cart(exchange, await exchange.redirect_after_form(next_))
    session = msgspec.structs.replace(
        _session(exchange),
        account_id=None,
        pending_account_id=authenticated.account.id,
        amr=authenticated.amr,
        auth_at_ms=exchange.shop.clock.now_ms(),
    )
    path = "/login/second-factor" if step == "second_factor" else "/login/enrol"
    await rotate(exchange, session)
    return exchange.to(with_next(path, next_))


async def complete_login(exchange: AccountExchange, account: Account, amr: tuple[str, ...]) -> None:
    """Bind the session to the account under a new cookie. Build the response after this."""
    session = msgspec.structs.replace(
        _session(exchange),
        account_id=account.id,
        pending_account_id=None,
        stakeholders=account.stakeholders,
        amr=amr,
        auth_at_ms=exchange.shop.clock.now_ms(),
    )
    await rotate(exchange, session)


async def rotate(exchange: AccountExchange, session: Session) -> None:
    """Store the session under a new cookie and form token; the old ones become invalid."""
    session = msgspec.structs.replace(session, csrf=secrets.token_urlsafe(_CSRF_BYTES))
    await exchange.switch_session(await exchange.identity.sessions.rotate(exchange.request_session.secret, session))


async def renew_authentication(exchange: AccountExchange) -> None:
    """Record a fresh authentication."""
    await rotate(exchange, msgspec.structs.replace(exchange.session, auth_at_ms=exchange.shop.clock.now_ms()))


async def take_over_cart(exchange: AccountExchange, response: Response[bytes]) -> Response[bytes]:
    """Assign the guest's cart to the account.

    An error does not prevent the login; the cart then stays a guest's under its cookie.
    """
    try:
        taken = await exchange.identity.take_over(
            visitor_of(exchange.request, exchange.shop.languages).cart_id, exchange.account_id
        )
    except RengaError as error:
        log.warning("cart_not_taken_over", code=error.code)
        return response
    if taken is not None:
        exchange.shop.jar.put(response, cookies.CART, taken)
    return response


def pending_account(exchange: AccountExchange) -> str:
    """The account between its first and second factor. Raises LoginNeeded without one, or after PENDING_MS."""
    session = exchange.request_session.session
    if session is None or session.pending_account_id is None:
        raise LoginNeeded("/account")
    if exchange.shop.clock.now_ms() - session.auth_at_ms > PENDING_MS:
        raise LoginNeeded("/account")
    return session.pending_account_id


def _session(exchange: AccountExchange) -> Session:
    session = exchange.request_session.session
    if session is None:
        raise LoginNeeded("/account")
    return session


async def log_out(exchange: AccountExchange, response: Response[bytes]) -> Response[bytes]:
    """End the session; the cart stays with the customer."""
    if exchange.request_session.secret:
        await exchange.identity.sessions.end(exchange.request_session.secret)
    exchange.shop.jar.drop_session(response)
    exchange.shop.jar.drop(response, cookies.CART)
    return response


async def anonymous_page(exchange: AccountExchange, template: str, **context: Any) -> Response[bytes]:
    """A page with a form for an anonymous visitor; starts a session, because the form's token needs one."""
    await start_session(exchange)
    return await exchange.page(template, **context)


async def start_session(exchange: AccountExchange) -> None:
    """Start an anonymous session if there is none."""
    if exchange.request_session.session is None:
        visitor = exchange.visitor
        secret, _ = await exchange.identity.sessions.start(address=visitor.address, agent=visitor.agent)
        await exchange.switch_session(secret)
