"""Use cases: the customer groups of the shop and all merchants, those of one merchant, and the customers of a group."""

from renga.domains.identity.buyers.owning import code_of, managed_merchant
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
    dependencies: BuyerDependencies, caller: Caller, merchant_id: str, name: str
) -> tuple[GroupCustomer, ...]:
    merchant = await managed_merchant(dependencies.store, caller.identified(), merchant_id)
    code = code_of(merchant, name)
    if code not in {group.code for group in await dependencies.store.groups(merchant.id)}:
        raise CustomerGroupNotFound()
    return await dependencies.store.customers(code)
