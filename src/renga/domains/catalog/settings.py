"""Settings of the section ``catalog``."""

from typing import Annotated

import msgspec


class CatalogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    store: Annotated[str, "mongodb:// URL of the catalogue; empty: the database"] = ""
