"""Use case: a customer leaves a group. Being in one needs nobody's consent, since it only lowers prices; leaving is for good."""

from renga.domains.identity.buyers.ports import BuyerDependencies
from renga.domains.identity.contract import CallOrigin
from renga.domains.identity.organisations.access import account_of, locked_actor
from renga.kernel.caller import Caller


async def leave_group(dependencies: BuyerDependencies, caller: Caller, code: str, *, origin: CallOrigin) -> None:
    """A group that the caller is not in answers alike, so that nobody learns which exist."""
    by = caller.identified()
    facts = await dependencies.store.facts(account_of(by))
    if code not in facts.groups:
        return
    async with dependencies.store.work() as work:
        if code not in await work.find_groups((code,)):
            return
        actor = await locked_actor(work, by)
        await work.leave(actor.id, code)
        await work.announce((actor.id,), dependencies.new_id)
        await work.record("customer_group_left", by=by, account_id=actor.id, origin=origin, group=code)
    dependencies.forget((actor.id,))
