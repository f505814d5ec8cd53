"""Use case: create or rename a customer group, of the shop (administrators) or of a merchant."""

from renga.domains.identity.buyers.model import (
    MERCHANT_GROUPS_MAX,
    SHOP_GROUPS_MAX,
    checked_names,
    merchant_code,
    shop_code,
)
from renga.domains.identity.buyers.ports import BuyerDependencies, BuyerWork
from renga.domains.identity.contract import (
    ADMINISTRATION,
    CallOrigin,
    CustomerGroup,
    CustomerGroupInvalid,
    GroupNames,
    TooMany,
)
from renga.domains.identity.organisations.access import locked_role
from renga.kernel.caller import Caller


async def put_group(
    dependencies: BuyerDependencies, caller: Caller, code: str, name: GroupNames, *, origin: CallOrigin
) -> CustomerGroup:
    caller.require(ADMINISTRATION)
    group = CustomerGroup(code=shop_code(code), name=checked_names(name))
    async with dependencies.store.work() as work:
        await _put(work, group, SHOP_GROUPS_MAX, caller.subject, origin)
    return group


async def put_merchant_group(
    dependencies: BuyerDependencies,
    caller: Caller,
    merchant_id: str,
    name: str,
    names: GroupNames,
    *,
    origin: CallOrigin,
) -> CustomerGroup:
    by = caller.identified()
    async with dependencies.store.work() as work:
        merchant, _ = await locked_role(work, by, merchant_id, "manage_customers")
        code = merchant_code(merchant.id, name)
        group = CustomerGroup(code=code, name=checked_names(names), merchant_id=merchant.id)
        await _put(work, group, MERCHANT_GROUPS_MAX, by, origin)
    return group


async def _put(work: BuyerWork, group: CustomerGroup, groups_max: int, by: str | None, origin: CallOrigin) -> None:
    await work.lock_groups()
    known = (await work.find_groups((group.code,))).get(group.code)
    if known == group:
        return
    if known is not None and known.merchant_id != group.merchant_id:
        # two merchants whose ids end alike: nobody takes another's group over
        raise CustomerGroupInvalid("this code is taken", field="code")
    if known is None and await work.count_groups(group.merchant_id) >= groups_max:
        raise TooMany(f"there may be {groups_max} groups", limit=groups_max)
    await work.put_group(group)
    owner = {} if group.merchant_id is None else {"merchant_id": group.merchant_id}
    action = "customer_group_created" if known is None else "customer_group_renamed"
    await work.record(action, by=by, account_id=None, origin=origin, group=group.code, **owner)
