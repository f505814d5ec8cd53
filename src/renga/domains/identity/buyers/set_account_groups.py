"""Use case: an administrator gives an account its customer groups."""

from renga.domains.identity.buyers.model import wanted_groups
from renga.domains.identity.buyers.ports import BuyerDependencies
from renga.domains.identity.buyers.read_profile import found_profile
from renga.domains.identity.contract import ADMINISTRATION, BuyerProfile, CallOrigin, CustomerGroupNotFound
from renga.domains.identity.organisations.access import locked_actor
from renga.kernel.caller import Caller


async def set_account_groups(
    dependencies: BuyerDependencies, caller: Caller, account_id: str, codes: tuple[str, ...], *, origin: CallOrigin
) -> BuyerProfile:
    caller.require(ADMINISTRATION)
    wanted = wanted_groups(codes)
    async with dependencies.store.work() as work:
        known = await work.find_groups(wanted)
        if unknown := [code for code in wanted if code not in known]:
            raise CustomerGroupNotFound(f"there is no customer group {unknown[0]!r}", group=unknown[0])
        actor = await locked_actor(work, account_id)
        if await work.give_groups(actor.id, wanted):
            await work.announce((actor.id,), dependencies.new_id)
            await work.record(
                "customer_groups_set", by=caller.subject, account_id=actor.id, origin=origin, groups=list(wanted)
            )
    dependencies.forget((actor.id,))
    return await found_profile(dependencies, actor.id)
