"""Passkeys: add one (the script asks the device), name it, remove it."""

from typing import Any

from litestar import Response

from renga.domains.identity.contract import PasskeyRefused
from renga.frontends.web.desk import Desk, Desks
from renga.frontends.web.entering import is_staff, renew
from renga.frontends.web.forms import plausible
from renga.frontends.web.pages.account.security import HOME, security_page
from renga.frontends.web.pages.gate.passkey import credential_of, json_answer
from renga.kernel.errors import Conflict, Unprocessable

NAME_MAX_CHARS = 60


def handlers(desks: Desks) -> list[Any]:
    return [
        desks.takes(f"{HOME}/passkeys/options", _options, home=HOME, fresh=True),
        desks.takes(f"{HOME}/passkeys", _add, home=HOME, fresh=True),
        desks.takes(f"{HOME}/passkeys/remove", _remove, home=HOME, fresh=True),
    ]


async def _options(desk: Desk) -> Response[bytes]:
    await desk.form()
    desk.require_fresh()
    try:
        return json_answer({"options": await desk.identity.accounts.start_passkey(desk.caller)})
    except Conflict:
        return json_answer({"refused": desk.t("security.passkey.too_many")})


async def _add(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    desk.require_fresh()
    name = fields.get("name", "").strip()[:NAME_MAX_CHARS] or desk.t("security.passkey.unnamed")
    try:
        await desk.identity.accounts.finish_passkey(desk.caller, credential_of(fields), name)
    except (PasskeyRefused, Conflict, Unprocessable):
        return await security_page(desk, status=422, passkey=desk.t("passkey.refused"))
    await renew(desk)
    return desk.to(HOME, "passkey_added")


async def _remove(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    desk.require_fresh()
    account, passkey_id = await desk.account(), fields.get("passkey", "")
    if is_staff(account) and not account.second_factor and account.passkeys <= 1:
        return desk.to(HOME, "second_factor_required")
    if plausible_id(passkey_id):
        await desk.identity.accounts.remove_passkey(desk.caller, passkey_id)
    await renew(desk)
    return desk.to(HOME, "passkey_removed")


def plausible_id(text: str) -> bool:
    """A credential id is at most 1,023 bytes (WebAuthn Level 2, §4), in base64url."""
    return plausible(text[:100]) and len(text) <= 1_400 and text.isascii()
