"""Use case: an administrator vouches for a buyer's tax number, or no longer does."""

import msgspec

from renga.domains.identity.buyers.ports import BuyerDependencies
from renga.domains.identity.buyers.read_profile import found_profile
from renga.domains.identity.contract import ADMINISTRATION, BuyerProfile, CallOrigin, TaxIdChanged
from renga.domains.identity.organisations.access import locked_actor
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339


async def verify_tax_id(
    dependencies: BuyerDependencies,
    caller: Caller,
    account_id: str,
    tax_id: str,
    *,
    verified: bool,
    origin: CallOrigin,
) -> BuyerProfile:
    """The number is named, so that nobody vouches for one that the buyer has just replaced."""
    caller.require(ADMINISTRATION)
    async with dependencies.store.work() as work:
        actor = await locked_actor(work, account_id)
        known = await work.tax(actor.id)
        if known is None or known.tax_id != tax_id:
            raise TaxIdChanged()
        if (known.verified_at is not None) != verified:
            at = rfc3339(work.now_ms) if verified else None
            await work.put_tax(actor.id, msgspec.structs.replace(known, verified_at=at))
            await work.announce((actor.id,), dependencies.new_id)
            action = "tax_id_verified" if verified else "tax_id_unverified"
            await work.record(action, by=caller.subject, account_id=actor.id, origin=origin)
    dependencies.forget((actor.id,))
    return await found_profile(dependencies, actor.id)
