"""A new password; everywhere else she is logged out."""

from typing import Any

import structlog
from litestar import Response

from renga.domains.identity.contract import CredentialsRefused, PasswordRefused
from renga.frontends.web.desk import Desk, Desks
from renga.frontends.web.entering import renew
from renga.frontends.web.pages.account.security import HOME, security_page
from renga.frontends.web.passwords import refusal

log = structlog.get_logger(__name__)


def handlers(desks: Desks) -> list[Any]:
    return [desks.takes(f"{HOME}/password", _change, home=HOME, fresh=True)]


async def _change(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    desk.require_fresh()
    session = desk.session
    try:
        await desk.identity.accounts.change_password(
            desk.caller, fields.get("old", ""), fields.get("new", ""), desk.visitor, keep_session=session.id
        )
    except CredentialsRefused:
        return await security_page(desk, status=422, old=desk.t("security.old_refused"))
    except PasswordRefused as error:
        return await security_page(desk, status=422, new=refusal(error, desk.t))
    ended = await desk.identity.sessions.revoke(desk.account_id, but=session.id)
    log.info("password_changed", sessions_ended=ended)
    await renew(desk)
    return desk.to(HOME, "password_changed")
