"""Whose stock a caller may see exactly and change; who may reserve."""

import msgspec

from renga.domains.inventory.contract import ALL_LEVELS, OWN_LEVELS, RESERVING
from renga.kernel.caller import Caller


class StockReach(msgspec.Struct, frozen=True):
    """The merchants whose levels a caller keeps; with ``every`` all merchants."""

    merchants: frozenset[str]
    every: bool = False

    def covers(self, merchant: str) -> bool:
        return self.every or merchant in self.merchants


_NOBODY = StockReach(frozenset())
_EVERYBODY = StockReach(frozenset(), every=True)


def reach_of(caller: Caller) -> StockReach:
    """Every merchant with ALL_LEVELS, and for services with OWN_LEVELS, which belong to no merchant; nobody's without a scope."""
    if caller.may(ALL_LEVELS) or (caller.program and caller.may(OWN_LEVELS)):
        return _EVERYBODY
    return StockReach(caller.merchants) if caller.may(OWN_LEVELS) else _NOBODY


def keeper(caller: Caller) -> StockReach:
    """The reach of somebody who keeps stock. Raises Unauthenticated, InsufficientScope."""
    caller.require(OWN_LEVELS, ALL_LEVELS)
    return reach_of(caller)


def check_whole_stock(caller: Caller) -> None:
    """Locations of the shop are for those who keep every level. Raises Unauthenticated, InsufficientScope."""
    caller.require(ALL_LEVELS)


def may_reserve(caller: Caller) -> str:
    """The actor of a reservation. Raises Unauthenticated, InsufficientScope."""
    caller.require(RESERVING)
    return caller.identified()
