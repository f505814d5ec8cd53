"""Callers of the catalogue in tests: staff, or members of merchants."""

from renga.domains.catalog.contract import OWN_PRODUCTS, WHOLE_CATALOGUE
from renga.kernel.caller import Caller

#: May do everything with the whole catalogue.
MANAGER = Caller.of_system("tests", WHOLE_CATALOGUE)


def seller(merchants: frozenset[str], subject: str = "seller") -> Caller:
    """A member of these merchants."""
    return Caller(subject, frozenset({OWN_PRODUCTS}), merchants)
