"""Logging in with a passkey: the script asks for options, the form brings the signed answer."""

import json
from typing import Any

import msgspec
from litestar import Response

from renga.domains.identity.contract import Authenticated, PasskeyRefused
from renga.frontends.web.desk import Desk, Desks, next_path
from renga.frontends.web.entering import admit
from renga.frontends.web.forms import Fields
from renga.frontends.web.pages.gate.login import login_page

_CHALLENGE_MAX_CHARS = 200


def handlers(desks: Desks) -> list[Any]:
    return [
        desks.takes("/login/passkey/options", _options, home="/login"),
        desks.takes("/login/passkey", _log_in, home="/login"),
    ]


def json_answer(value: Any) -> Response[bytes]:
    headers = {"cache-control": "no-store"}
    return Response(msgspec.json.encode(value), media_type="application/json", headers=headers, status_code=200)


async def _options(desk: Desk) -> Response[bytes]:
    await desk.form()
    challenge, options = await desk.identity.accounts.start_passkey_login()
    return json_answer({"challenge": challenge, "options": options})


def credential_of(fields: Fields) -> dict[str, Any]:
    """The browser's answer (a PublicKeyCredential as JSON). Raises PasskeyRefused for what cannot be one."""
    try:
        credential = json.loads(fields.get("credential", ""))
    except (ValueError, RecursionError) as error:
        raise PasskeyRefused from error
    if not isinstance(credential, dict):
        raise PasskeyRefused
    return credential


async def prove(desk: Desk, fields: Fields) -> Authenticated:
    """Raises PasskeyRefused."""
    challenge = fields.get("challenge", "")
    if not 0 < len(challenge) <= _CHALLENGE_MAX_CHARS:
        raise PasskeyRefused
    return await desk.identity.accounts.passkey_login(challenge, credential_of(fields), desk.visitor)


async def _log_in(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    next_ = next_path(fields.get("next", ""))
    if desk.who.account_id is not None:
        return await desk.onward(next_)
    try:
        authenticated = await prove(desk, fields)
    except PasskeyRefused:
        return await login_page(desk, next_, error=desk.t("passkey.refused"), status=422)
    return await admit(desk, authenticated, next_)
