"""Access checks of a merchant's groups: another merchant's group does not exist for it."""

from renga.domains.identity.buyers.model import merchant_code
from renga.domains.identity.buyers.ports import BuyerStore, BuyerWork
from renga.domains.identity.contract import CustomerGroup, CustomerGroupInvalid, CustomerGroupNotFound, Merchant
from renga.domains.identity.organisations.access import account_of, demand, locked_role, merchant_of


async def own_group(work: BuyerWork, by: str, merchant_id: str, name: str) -> tuple[Merchant, CustomerGroup]:
    """The merchant and its group of this short name, locked.

    Raises MerchantNotFound, Forbidden, CustomerGroupNotFound.
    """
    merchant, _ = await locked_role(work, by, merchant_id, "manage_customers")
    code = code_of(merchant, name)
    group = (await work.find_groups((code,))).get(code)
    if group is None or group.merchant_id != merchant.id:
        raise CustomerGroupNotFound()
    return merchant, group


def code_of(merchant: Merchant, name: str) -> str:
    """The code of the merchant's group of this short name. Raises CustomerGroupNotFound: no group can have it."""
    try:
        return merchant_code(merchant.id, name)
    except CustomerGroupInvalid:
        raise CustomerGroupNotFound() from None


async def managed_merchant(store: BuyerStore, by: str, merchant_id: str) -> Merchant:
    """A merchant whose customers the account manages. Raises MerchantNotFound, Forbidden."""
    return demand(await store.find_role(merchant_of(merchant_id), account_of(by)), "manage_customers")[0]
