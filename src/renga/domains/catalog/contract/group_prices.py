"""Who may see the prices of a customer group: its customers, the product's merchant, and who manages the catalogue."""

from collections.abc import Collection

from renga.domains.catalog.contract.management import OWN_PRODUCTS, WHOLE_CATALOGUE
from renga.kernel.caller import Caller, InsufficientScope


def check_group_price(caller: Caller, own: Collection[str], group: str, merchant: str) -> None:
    """``own`` are the caller's verified groups, ``merchant`` the product's. Raises InsufficientScope, for guests too.

    A group that does not exist is refused alike, so that nobody learns the names of groups.
    """
    if group in own or manages_prices_of(caller, merchant):
        return
    raise InsufficientScope("prices of a customer group are for its customers", scope=WHOLE_CATALOGUE)


def manages_prices_of(caller: Caller, merchant: str) -> bool:
    """May the caller see all prices of this merchant's products?"""
    if caller.may(WHOLE_CATALOGUE):
        return True
    return caller.may(OWN_PRODUCTS) and (caller.program or merchant in caller.merchants)
