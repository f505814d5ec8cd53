"""API keys: create one (shown only once), see its last use, rotate it without a gap, revoke it."""

import hashlib
from typing import Any

import msgspec
from litestar import Response

from renga.domains.identity.contract import KeyNotActive, KeyNotFound, NewKey, ScopeNotAllowed, TooMany
from renga.frontends.web.account_exchange import AccountExchange, AccountRoutes
from renga.frontends.web.account_views import key_views
from renga.frontends.web.forms import Fields, operation_key, plausible
from renga.frontends.web.scopes import in_words
from renga.kernel.errors import Unprocessable
from renga.kernel.once import IdempotencyConflict, Once

_HOME = "/account/keys"
NAME_MAX_CHARS = 80
#: Lifetimes of a new key in days; "": unlimited.
LIVES_DAYS = ("30", "90", "365", "")
_DAY_S = 24 * 3600
#: Overlap of a rotated key with its successor.
OVERLAP_S = _DAY_S


def handlers(account_routes: AccountRoutes) -> list[Any]:
    return [
        account_routes.get(_HOME, _show),
        account_routes.post(_HOME, _create, home=_HOME, fresh=True),
        account_routes.post(f"{_HOME}/rotate", _rotate, home=_HOME, fresh=True),
        account_routes.post(f"{_HOME}/revoke", _revoke, home=_HOME),
    ]


async def _show(exchange: AccountExchange) -> Response[bytes]:
    return await _page(exchange)


async def _page(
    exchange: AccountExchange, *, new: NewKey | None = None, name: str = "", error: str = ""
) -> Response[bytes]:
    account = await exchange.account()
    keys = await exchange.identity.api_keys.of_owner(exchange.caller, None)
    return await exchange.page(
        "keys.html",
        keys=key_views(keys, exchange.t, exchange.shop.clock.now_ms()),
        scopes=in_words(exchange.identity.key_scopes(account), exchange.t),
        lives=LIVES_DAYS,
        fresh=exchange.fresh,
        new=new,
        name=name,
        error=error,
        status=422 if error else 200,
    )


async def _create(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    exchange.require_fresh()
    name = fields.get("name", "").strip()
    if not 0 < len(name) <= NAME_MAX_CHARS:
        return await _page(exchange, name=name[:NAME_MAX_CHARS], error=exchange.t("keys.name_needed"))
    asked = [field.removeprefix("scope.") for field in fields if field.startswith("scope.")]
    if not asked:
        return await _page(exchange, name=name, error=exchange.t("keys.scopes_needed"))
    life = fields.get("life", "")
    life_s = int(life) * _DAY_S if life in LIVES_DAYS and life else None
    try:
        new = await exchange.identity.api_keys.create(
            exchange.caller,
            name,
            asked,
            merchant_id=None,
            life_s=life_s,
            limit=None,
            origin=exchange.visitor,
            once=_once(exchange, fields),
        )
    except (ScopeNotAllowed, TooMany, IdempotencyConflict, Unprocessable) as error:
        return await _page(exchange, name=name, error=_reason(exchange, error))
    return await _page(exchange, new=new)


def _reason(exchange: AccountExchange, error: Exception) -> str:
    if isinstance(error, IdempotencyConflict):
        return exchange.t("flash.idempotency_conflict")
    return exchange.t("keys.too_many") if isinstance(error, TooMany) else exchange.t("keys.refused")


def _once(exchange: AccountExchange, fields: Fields) -> Once:
    """Idempotency: a double click creates one key."""
    key = operation_key(fields, exchange.shop.new_key)
    asked = msgspec.json.encode(sorted(fields.items()))
    return Once(scope=f"web:{exchange.account_id}", key=key, fingerprint=hashlib.sha256(asked).digest())


async def _rotate(exchange: AccountExchange) -> Response[bytes]:
    fields = await exchange.form()
    exchange.require_fresh()
    key_id = fields.get("id", "")
    if not plausible(key_id):
        raise KeyNotFound
    try:
        new = await exchange.identity.api_keys.rotate(
            exchange.caller,
            key_id,
            merchant_id=None,
            overlap_s=OVERLAP_S,
            origin=exchange.visitor,
            once=_once(exchange, fields),
        )
    except (KeyNotActive, ScopeNotAllowed):
        return await _page(exchange, error=exchange.t("keys.not_active"))
    return await _page(exchange, new=new)


async def _revoke(exchange: AccountExchange) -> Response[bytes]:
    """Needs no step-up, because it only removes access."""
    key_id = (await exchange.form()).get("id", "")
    if not plausible(key_id):
        raise KeyNotFound
    await exchange.identity.api_keys.revoke(exchange.caller, key_id, merchant_id=None, origin=exchange.visitor)
    return exchange.to(_HOME, "key_revoked")
