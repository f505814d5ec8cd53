"""Login with a passkey: the script fetches options, the form posts the signed assertion."""

import json
from typing import Any

import msgspec
from litestar import Response

from renga.domains.identity.contract import Authenticated, PasskeyRefused
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes, next_path
from renga.frontends.web.forms import Fields
from renga.frontends.web.login_session import continue_login
from renga.frontends.web.pages.gate.login import login_page

_CHALLENGE_MAX_CHARS = 200


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [
        account_routes.post("/login/passkey/options", _options, home="/login"),
        account_routes.post("/login/passkey", _log_in, home="/login"),
    ]


def json_answer(value: Any) -> Response[bytes]:
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(value), media_type="application/json", headers=headers, status_code=200)


async def _options(exchange: AccountExchange) -> Response[bytes]:
    await exchange.form()
    challenge, options = await exchange.identity.accounts.start_passkey_login()
    return json_answer({"challenge": challenge, "options": options})


def credential_of(fields: Fields) -> dict[str, Any]:
    """The browser's answer (a PublicKeyCredential as JSON). Raises PasskeyRefused for a malformed one."""
    try:
        credential = json.loads(fields.get("credential", ""))
    except (ValueError, RecursionError) as error:
        raise PasskeyRefused from error
    if not isinstance(credential, dict):
        raise PasskeyRefused
    return credential


async def prove(exchange: AccountExchange, fields: Fields) -> Authenticated:
    """Raises PasskeyRefused."""
    challenge = fields.get("challenge", "")
    if not 0 < len(challenge) <= _CHALLENGE_MAX_CHARS:
        raise PasskeyRefused
    return await exchange.identity.accounts.passkey_login(challenge, credential_of(fields), exchange.visitor)


async def _log_in(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    next_ = next_path(fields.get("next", ""))
    if exchange.request_session.account_id is not None:
        return await exchange.redirect_after_form(next_)
    try:
        authenticated = await prove(exchange, fields)
    except PasskeyRefused:
        return await login_page(exchange, next_, error=exchange.t("passkey.refused"), status=422)
    return await continue_login(exchange, authenticated, next_)
