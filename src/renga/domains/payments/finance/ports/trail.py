"""The trail of finance."""

from collections.abc import Mapping

import msgspec


class TrailEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who changed what of finance. ``details`` has nothing that is secret."""

    at_ms: int
    by: str
    action: str
    subject: str
    details: Mapping[str, object] = {}
