"""Settings of the section ``http``: bounds on what one connection may send, and how slowly."""

from typing import Annotated

import msgspec
from msgspec import Meta


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    header_bytes_max: Annotated[int, "bytes of a request line with its headers", Meta(ge=1_024, le=2**20)] = 32_768
    target_bytes_max: Annotated[int, "bytes of a path with its query", Meta(ge=256, le=2**20)] = 16_384
    headers_max: Annotated[int, "headers of one request", Meta(ge=8, le=10_000)] = 100
    header_timeout_s: Annotated[float, "seconds for a request line with its headers", Meta(gt=0, le=600)] = 10.0
    body_bytes_per_s_min: Annotated[int, "bytes of a body that arrive in a second, on average", Meta(ge=0)] = 256
    connections_per_address_max: Annotated[
        int, "open connections of one address; 0: any number. Trusted proxies have no such bound", Meta(ge=0)
    ] = 1_000
