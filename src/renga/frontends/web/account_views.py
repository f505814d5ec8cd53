"""View models of sessions and keys: browsers by name, times relative to now."""

import re
from collections.abc import Sequence
from datetime import datetime

import msgspec

from renga.domains.identity.contract import ApiKey
from renga.frontends.web.formats import date_text
from renga.frontends.web.i18n import Translator
from renga.frontends.web.scopes import in_words
from renga.kernel.clock import rfc3339
from renga.platform.sessions.port import Session

_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000
_WEEK_MS = 7 * _DAY_MS

#: The first match names the browser (other browsers' user agents also contain Chrome and Safari).
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_PRODUCT = re.compile(r"[A-Za-z][\w.-]{1,30}")


class BrowserView(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    device: str
    address: str
    since: str
    seen: str
    here: bool


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """``state`` is active, revoked or expired."""

    id: str
    name: str
    prefix: str
    scopes: tuple[tuple[str, str], ...]
    created: str
    used: str
    ends: str
    state: str


def session_views(sessions: Sequence[Session], here: str, t: Translator, now_ms: int) -> tuple[BrowserView, ...]:
    """The current session first."""
    views = [
        BrowserView(
            id=session.id,
            device=device(session.agent, t),
            address=session.address,
            since=date_text(rfc3339(session.created_ms), t.language),
            seen=moment(session.seen_ms, now_ms, t),
            here=session.id == here,
        )
        for session in sessions
    ]
    return tuple(sorted(views, key=lambda view: not view.here))


def device(agent: str, t: Translator) -> str:
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if browser and system:
        return t("sessions.device", browser=browser, system=system)
    product = _PRODUCT.match(agent)
    return browser or system or (product[0] if product else t("sessions.unknown"))


def moment(at_ms: int, now_ms: int, t: Translator) -> str:
    """``5 minutes ago``; after a week the date."""
    ago = now_ms - at_ms
    if ago < _MINUTE_MS:
        return t("moment.now")
    if ago < _HOUR_MS:
        return t.count("moment.minutes", ago // _MINUTE_MS)
    if ago < _DAY_MS:
        return t.count("moment.hours", ago // _HOUR_MS)
    if ago < _WEEK_MS:
        return t.count("moment.days", ago // _DAY_MS)
    return date_text(rfc3339(at_ms), t.language)


def key_views(keys: Sequence[ApiKey], t: Translator, now_ms: int) -> tuple[KeyView, ...]:
    return tuple(_key_view(key, t, now_ms) for key in keys)


def _key_view(key: ApiKey, t: Translator, now_ms: int) -> KeyView:
    over = key.expires_at is not None and _ms(key.expires_at) <= now_ms
    return KeyView(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        scopes=in_words(key.scopes, t),
        created=date_text(key.created_at, t.language),
        used=moment(_ms(key.last_used_at), now_ms, t) if key.last_used_at else "",
        ends=date_text(key.expires_at, t.language) if key.expires_at else "",
        state="revoked" if key.revoked else "expired" if over else "active",
    )


def _ms(rfc3339_text: str) -> int:
    return int(datetime.fromisoformat(rfc3339_text).timestamp() * 1000)
