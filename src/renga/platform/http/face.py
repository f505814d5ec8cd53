"""``Face``: a module's routes. ``HttpContext``: what they are made with."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from renga.kernel.clock import Clock
from renga.platform.auth.access import Access
from renga.platform.http.lean import Operation
from renga.platform.sections import Sections
from renga.platform.sessions.port import Sessions
from renga.platform.settings import PlatformSettings, public_url
from renga.platform.texts import open_locales

if TYPE_CHECKING:
    from renga.platform.http.gate import Gate
    from renga.platform.media.library import MediaLibrary


class HttpContext(msgspec.Struct, frozen=True, kw_only=True):
    """What routes are made with. ``scopes`` are those of all modules, each with what it allows.

    Without ``library`` there are no routes for pictures; without ``sessions`` there is no login with a browser.
    """

    settings: Sections
    gate: "Gate"
    clock: Clock
    scopes: Mapping[str, str] = {}
    library: "MediaLibrary | None" = None
    sessions: Sessions | None = None

    @property
    def platform(self) -> PlatformSettings:
        return self.settings[PlatformSettings]

    @property
    def languages(self) -> tuple[str, ...]:
        """The shop's languages, its own first."""
        return open_locales(self.platform).languages

    @property
    def public_url(self) -> str:
        return public_url(self.platform)


class Face(msgspec.Struct, frozen=True, kw_only=True):
    """One module's part of the web application (its HTTP interface).

    ``routes``      Litestar handlers; the gate is put before them; each declares its ``access``
    ``operations``  lean operations
    ``mounts``      ASGI mounts that call the gate themselves
    ``cached``      public paths whose complete GET responses may be cached: see ``http/answers.py``
    ``fields``      parts of one path that have their own access: (name, method, access), for the permission table
    """

    routes: Sequence[Any] = ()
    operations: Sequence[Operation] = ()
    mounts: Sequence[Any] = ()
    cached: tuple[str, ...] = ()
    fields: Sequence[tuple[str, str, Access]] = ()
