"""Settings of a process worker, part of a domain's own section."""

from typing import Annotated

import msgspec
from msgspec import Meta


class ProcessSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a domain with processes."""

    concurrency: Annotated[int, "processes that one worker advances at the same time", Meta(ge=1, le=256)] = 4
    idle_wait_max_ms: Annotated[int, "most milliseconds between two polls for due processes", Meta(ge=10)] = 1_000
    stop_timeout_s: Annotated[int, "seconds that a stopping worker waits for running steps", Meta(ge=0)] = 30
    retention_hours: Annotated[int, "hours that ended processes are kept", Meta(ge=1)] = 24 * 30
