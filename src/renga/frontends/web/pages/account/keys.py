"""API keys: make one (shown this once), see when it was last used, rotate it without a gap, revoke it."""

import hashlib
from typing import Any

import msgspec
from litestar import Response

from renga.domains.identity.contract import KeyNotActive, KeyNotFound, NewKey, ScopeNotAllowed, TooMany
from renga.frontends.web.account_views import key_views
from renga.frontends.web.desk import Desk, Desks
from renga.frontends.web.forms import Fields, operation_key, plausible
from renga.frontends.web.scopes import in_words
from renga.kernel.errors import Unprocessable
from renga.kernel.once import IdempotencyConflict, Once

_HOME = "/account/keys"
NAME_MAX_CHARS = 80
#: Days that a new key may live; "" is without an end.
LIVES_DAYS = ("30", "90", "365", "")
_DAY_S = 24 * 3600
#: A rotated key goes on for this long beside its successor.
OVERLAP_S = _DAY_S


def handlers(desks: Desks) -> list[Any]:
    return [
        desks.shows(_HOME, _show),
        desks.takes(_HOME, _create, home=_HOME, fresh=True),
        desks.takes(f"{_HOME}/rotate", _rotate, home=_HOME, fresh=True),
        desks.takes(f"{_HOME}/revoke", _revoke, home=_HOME),
    ]


async def _show(desk: Desk) -> Response[bytes]:
    return await _page(desk)


async def _page(desk: Desk, *, new: NewKey | None = None, name: str = "", error: str = "") -> Response[bytes]:
    account = await desk.account()
    keys = await desk.identity.api_keys.of_owner(desk.caller, None)
    return await desk.page(
        "keys.html",
        keys=key_views(keys, desk.t, desk.shop.clock.now_ms()),
        scopes=in_words(desk.identity.key_scopes(account), desk.t),
        lives=LIVES_DAYS,
        fresh=desk.fresh,
        new=new,
        name=name,
        error=error,
        status=422 if error else 200,
    )


async def _create(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    desk.require_fresh()
    name = fields.get("name", "").strip()
    if not 0 < len(name) <= NAME_MAX_CHARS:
        return await _page(desk, name=name[:NAME_MAX_CHARS], error=desk.t("keys.name_needed"))
    asked = [field.removeprefix("scope.") for field in fields if field.startswith("scope.")]
    if not asked:
        return await _page(desk, name=name, error=desk.t("keys.scopes_needed"))
    life = fields.get("life", "")
    life_s = int(life) * _DAY_S if life in LIVES_DAYS and life else None
    try:
        new = await desk.identity.api_keys.create(
            desk.caller,
            name,
            asked,
            merchant_id=None,
            life_s=life_s,
            limit=None,
            origin=desk.visitor,
            once=_once(desk, fields),
        )
    except (ScopeNotAllowed, TooMany, IdempotencyConflict, Unprocessable) as error:
        return await _page(desk, name=name, error=_reason(desk, error))
    return await _page(desk, new=new)


def _reason(desk: Desk, error: Exception) -> str:
    if isinstance(error, IdempotencyConflict):
        return desk.t("flash.idempotency_conflict")
    return desk.t("keys.too_many") if isinstance(error, TooMany) else desk.t("keys.refused")


def _once(desk: Desk, fields: Fields) -> Once:
    """A double click makes one key."""
    key = operation_key(fields, desk.shop.new_key)
    asked = msgspec.json.encode(sorted(fields.items()))
    return Once(scope=f"web:{desk.account_id}", key=key, fingerprint=hashlib.sha256(asked).digest())


async def _rotate(desk: Desk) -> Response[bytes]:
    fields = await desk.form()
    desk.require_fresh()
    key_id = fields.get("id", "")
    if not plausible(key_id):
        raise KeyNotFound
    try:
        new = await desk.identity.api_keys.rotate(
            desk.caller, key_id, merchant_id=None, overlap_s=OVERLAP_S, origin=desk.visitor, once=_once(desk, fields)
        )
    except (KeyNotActive, ScopeNotAllowed):
        return await _page(desk, error=desk.t("keys.not_active"))
    return await _page(desk, new=new)


async def _revoke(desk: Desk) -> Response[bytes]:
    """Taking a right away needs no second look at who she is."""
    key_id = (await desk.form()).get("id", "")
    if not plausible(key_id):
        raise KeyNotFound
    await desk.identity.api_keys.revoke(desk.caller, key_id, merchant_id=None, origin=desk.visitor)
    return desk.to(_HOME, "key_revoked")
