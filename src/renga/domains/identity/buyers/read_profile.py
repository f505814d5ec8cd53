"""Use case: what is known of a buyer, for the buyer and for administrators."""

from renga.domains.identity.buyers.ports import BuyerDependencies
from renga.domains.identity.contract import ADMINISTRATION, AccountNotFound, BuyerProfile
from renga.domains.identity.organisations.access import account_of
from renga.kernel.caller import Caller


async def read_profile(dependencies: BuyerDependencies, caller: Caller, account_id: str) -> BuyerProfile:
    if account_id != caller.identified():
        caller.require(ADMINISTRATION)
    return await found_profile(dependencies, account_of(account_id))


async def found_profile(dependencies: BuyerDependencies, account_id: str) -> BuyerProfile:
    """Raises AccountNotFound."""
    profile = await dependencies.store.profile(account_id)
    if profile is None:
        raise AccountNotFound()
    return profile
