"""What a module shows over HTTP, and what it is given to make it."""

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
    """What routes are made with. ``scopes`` are all that the modules declare, each with what it allows.

    Without ``library`` the shop takes in no pictures, without ``sessions`` nobody logs in with a browser.
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
        """Those that the shop speaks, its own first."""
        return open_locales(self.platform).languages

    @property
    def public_url(self) -> str:
        return public_url(self.platform)


class Face(msgspec.Struct, frozen=True, kw_only=True):
    """One module's part of the web application.

    ``routes``      Litestar handlers, put behind the gate; each declares its ``access``
    ``operations``  lean operations
    ``mounts``      ASGI mounts that pass the gate themselves
    ``cached``      paths whose GET answers may be kept whole, all of them public: see ``http/answers.py``
    ``fields``      what lies behind one path and has an access of its own: (name, method, access), for the permission table
    """

    routes: Sequence[Any] = ()
    operations: Sequence[Operation] = ()
    mounts: Sequence[Any] = ()
    cached: tuple[str, ...] = ()
    fields: Sequence[tuple[str, str, Access]] = ()
