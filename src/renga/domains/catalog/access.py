"""Whose products a caller manages: those of the caller's merchants, or every merchant's. What is not theirs does not exist."""

import msgspec

from renga.domains.catalog.contract import OWN_PRODUCTS, WHOLE_CATALOGUE
from renga.kernel.caller import Caller


class Reach(msgspec.Struct, frozen=True):
    """``merchants`` are those whose products may be read in any state and written; with ``every`` it is all of them."""

    merchants: frozenset[str]
    every: bool = False

    def covers(self, merchant: str) -> bool:
        """Are this merchant's products within reach?"""
        return self.every or merchant in self.merchants

    @property
    def only(self) -> str | None:
        """The merchant of new products that name none: the one merchant there is."""
        return next(iter(self.merchants)) if not self.every and len(self.merchants) == 1 else None


EVERY_MERCHANT = Reach(frozenset(), every=True)


def reach_of(caller: Caller) -> Reach:
    """Every merchant's with WHOLE_CATALOGUE, and for a program in its own name that has OWN_PRODUCTS: it works for no merchant.

    Raises Unauthenticated, InsufficientScope.
    """
    caller.require(OWN_PRODUCTS, WHOLE_CATALOGUE)
    if caller.program or caller.may(WHOLE_CATALOGUE):
        return EVERY_MERCHANT
    return Reach(caller.merchants)


def check_whole_catalogue(caller: Caller) -> None:
    """Categories, collections and product types belong to the whole shop. Raises Unauthenticated, InsufficientScope."""
    caller.require(WHOLE_CATALOGUE)
