"""Passkeys: add one (the script calls WebAuthn), name it, remove it."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import PasskeyRefused
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes
from renga.frontends.web.forms import plausible
from renga.frontends.web.login_session import is_staff, renew_authentication
from renga.frontends.web.pages.account.security import HOME, security_page
from renga.frontends.web.pages.gate.passkey import credential_of, json_answer
from renga.kernel.errors import Conflict, Unprocessable

NAME_MAX_CHARS = 60


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [
        account_routes.post(f"{HOME}/passkeys/options", _options, home=HOME, fresh=True),
        account_routes.post(f"{HOME}/passkeys", _add, home=HOME, fresh=True),
        account_routes.post(f"{HOME}/passkeys/remove", _remove, home=HOME, fresh=True),
    ]


async def _options(exchange: AccountExchange) -> Response[bytes]:
    await exchange.form()
    exchange.require_fresh()
    try:
        return json_answer({"options": await exchange.identity.accounts.start_passkey(exchange.caller)})
    except Conflict:
        return json_answer({"refused": exchange.t("security.passkey.too_many")})


async def _add(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    exchange.require_fresh()
    name = fields.get("name", "").strip()[:NAME_MAX_CHARS] or exchange.t("security.passkey.unnamed")
    try:
        await exchange.identity.accounts.finish_passkey(exchange.caller, credential_of(fields), name)
    except (PasskeyRefused, Conflict, Unprocessable):
        return await security_page(exchange, status=422, passkey=exchange.t("passkey.refused"))
    await renew_authentication(exchange)
    return exchange.to(HOME, "passkey_added")


async def _remove(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    exchange.require_fresh()
    account, passkey_id = await exchange.account(), fields.get("passkey", "")
    if is_staff(account) and not account.second_factor and account.passkeys <= 1:
        return exchange.to(HOME, "second_factor_required")
    if plausible_id(passkey_id):
        await exchange.identity.accounts.remove_passkey(exchange.caller, passkey_id)
    await renew_authentication(exchange)
    return exchange.to(HOME, "passkey_removed")


def plausible_id(text: str) -> bool:
    """A credential id is at most 1,023 bytes (WebAuthn Level 2, §4), in base64url."""
    return plausible(text[:100]) and len(text) <= 1_400 and text.isascii()
