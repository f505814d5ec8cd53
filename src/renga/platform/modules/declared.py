"""What all modules declare together."""

from collections.abc import Mapping

import msgspec

from renga.kernel.facts import Fact
from renga.platform.postgres.revisions import Migrations
from renga.platform.ratelimit.rates import PLATFORM, RateClass


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """Every declaration of every module. ``scopes`` are in the order of their declaration."""

    scopes: Mapping[str, str] = {}
    grants: Mapping[str, frozenset[str]] = {}
    member_grants: Mapping[str, frozenset[str]] = {}
    rights: Mapping[str, frozenset[str]] = {}
    rate_classes: tuple[RateClass, ...] = PLATFORM
    events: tuple[type[Fact], ...] = ()
    migrations: tuple[Migrations, ...] = ()
