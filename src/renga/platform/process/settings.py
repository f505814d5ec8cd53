"""Settings of a worker of processes: a domain has them in its own table."""

from typing import Annotated

import msgspec
from msgspec import Meta


class ProcessSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Part of the settings of a domain that has processes."""

    concurrency: Annotated[int, "processes that one worker advances at the same time", Meta(ge=1, le=256)] = 4
    idle_wait_max_ms: Annotated[int, "most milliseconds between two looks for due processes", Meta(ge=10)] = 1_000
    stop_timeout_s: Annotated[int, "seconds that stopping gives to the steps at hand", Meta(ge=0)] = 30
    retention_hours: Annotated[int, "hours that processes are kept after their end", Meta(ge=1)] = 24 * 30
