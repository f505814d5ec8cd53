"""Use case: a merchant puts an address into one of its groups, or takes it out.

It is kept whether it has an account or not, and nothing in the answer depends on that; a customer who left stays out, and
the merchant's list does not show it.
"""

from renga.domains.identity.buyers.model import CUSTOMERS_MAX
from renga.domains.identity.buyers.owning import own_group
from renga.domains.identity.buyers.ports import BuyerDependencies
from renga.domains.identity.contract import CallOrigin, TooMany
from renga.kernel.caller import Caller
from renga.kernel.email_address import normal_email


async def set_group_customer(
    dependencies: BuyerDependencies,
    caller: Caller,
    merchant_id: str,
    name: str,
    email: str,
    *,
    member: bool,
    origin: CallOrigin,
) -> None:
    by, address = caller.identified(), normal_email(email)
    async with dependencies.store.work() as work:
        merchant, group = await own_group(work, by, merchant_id, name)
        if member:
            changed = await work.put_address(group.code, address)
            if changed and await work.count_addresses(group.code) > CUSTOMERS_MAX:
                raise TooMany(f"a group has at most {CUSTOMERS_MAX} customers", limit=CUSTOMERS_MAX)
        else:
            changed = await work.drop_address(group.code, address)
        actor = await work.actor_by_email(address)
        accounts = (actor.id,) if actor is not None and changed else ()
        await work.announce(accounts, dependencies.new_id)
        if changed:
            await work.record(
                "group_customer_added" if member else "group_customer_removed",
                by=by,
                account_id=actor.id if actor else None,
                origin=origin,
                merchant_id=merchant.id,
                group=group.code,
            )
    dependencies.forget(accounts)
