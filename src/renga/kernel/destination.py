"""Where goods go, as far as prices, taxes and stock depend on it."""

import msgspec


class Destination(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the goods go. ``country`` ISO 3166-1 alpha-2, ``region`` ISO 3166-2 without the country; empty: unknown."""

    country: str = ""
    region: str = ""
    postal_code: str = ""
