"""Which products a caller may manage: those of their merchants, or every merchant's. Others are "not found"."""

import msgspec

from renga.domains.catalog.contract import OWN_PRODUCTS, WHOLE_CATALOGUE
from renga.kernel.caller import Caller


class Reach(msgspec.Struct, frozen=True):
    """The merchants whose products a caller may read in any state and write; with ``every`` all merchants."""

    merchants: frozenset[str]
    every: bool = False

    def covers(self, merchant: str) -> bool:
        """May the caller access this merchant's products?"""
        return self.every or merchant in self.merchants

    @property
    def only(self) -> str | None:
        """The default merchant of new products: the caller's, if there is exactly one."""
        return next(iter(self.merchants)) if not self.every and len(self.merchants) == 1 else None


EVERY_MERCHANT = Reach(frozenset(), every=True)


def reach_of(caller: Caller) -> Reach:
    """Every merchant with WHOLE_CATALOGUE, and for services with OWN_PRODUCTS, which belong to no merchant.

    Raises Unauthenticated, InsufficientScope.
    """
    caller.require(OWN_PRODUCTS, WHOLE_CATALOGUE)
    if caller.program or caller.may(WHOLE_CATALOGUE):
        return EVERY_MERCHANT
    return Reach(caller.merchants)


def check_whole_catalogue(caller: Caller) -> None:
    """Categories, collections and product types belong to the whole shop. Raises Unauthenticated, InsufficientScope."""
    caller.require(WHOLE_CATALOGUE)
