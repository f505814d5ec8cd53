"""Use case: remove a customer group with its memberships; its prices then apply to nobody."""

from renga.domains.identity.buyers.owning import own_group
from renga.domains.identity.buyers.ports import BuyerDependencies, BuyerWork
from renga.domains.identity.contract import ADMINISTRATION, CallOrigin, CustomerGroupNotFound
from renga.kernel.caller import Caller


async def remove_group(dependencies: BuyerDependencies, caller: Caller, code: str, *, origin: CallOrigin) -> None:
    caller.require(ADMINISTRATION)
    async with dependencies.store.work() as work:
        if code not in await work.find_groups((code,)):
            raise CustomerGroupNotFound()
        gone = await _remove(dependencies, work, code, caller.subject, origin)
    dependencies.forget(gone)


async def remove_merchant_group(
    dependencies: BuyerDependencies, caller: Caller, merchant_id: str, name: str, *, origin: CallOrigin
) -> None:
    by = caller.identified()
    async with dependencies.store.work() as work:
        _, group = await own_group(work, by, merchant_id, name)
        gone = await _remove(dependencies, work, group.code, by, origin)
    dependencies.forget(gone)


async def _remove(
    dependencies: BuyerDependencies, work: BuyerWork, code: str, by: str | None, origin: CallOrigin
) -> tuple[str, ...]:
    accounts = await work.remove_group(code)
    await work.announce(accounts, dependencies.new_id)
    await work.record("customer_group_removed", by=by, account_id=None, origin=origin, group=code)
    return accounts
