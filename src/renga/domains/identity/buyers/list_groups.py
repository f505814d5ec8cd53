"""Use cases: the customer groups of the shop and all merchants, those of one merchant, and the customers of a group."""

from renga.domains.identity.buyers.owning import managed_merchant
from renga.domains.identity.buyers.ports import BuyerDependencies
from renga.domains.identity.contract import ADMINISTRATION, CustomerGroup, CustomerGroupNotFound, GroupCustomer
from renga.kernel.caller import Caller


async def list_groups(dependencies: BuyerDependencies, caller: Caller) -> tuple[CustomerGroup, ...]:
    caller.require(ADMINISTRATION)
    return await dependencies.store.groups()


async def list_merchant_groups(
    dependencies: BuyerDependencies, caller: Caller, merchant_id: str
) -> tuple[CustomerGroup, ...]:
    merchant = await managed_merchant(dependencies.store, caller.identified(), merchant_id)
    return await dependencies.store.groups(merchant.id)


async def list_customers(
    dependencies: BuyerDependencies, caller: Caller, merchant_id: str, code: str
) -> tuple[GroupCustomer, ...]:
    if code not in {group.code for group in await list_merchant_groups(dependencies, caller, merchant_id)}:
        raise CustomerGroupNotFound()
    return await dependencies.store.customers(code)
