"""Settings of the section ``search``."""

from typing import Annotated

import msgspec


class SearchSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    index: Annotated[str, "elasticsearch:// or opensearch:// URL (…s:// for TLS) of the index; empty: the database"] = (
        ""
    )
