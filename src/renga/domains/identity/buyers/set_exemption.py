"""Use case: an administrator enters the tax-exemption certificate of a buyer, or removes it."""

import msgspec

from renga.domains.identity.buyers.model import checked_certificate
from renga.domains.identity.buyers.ports import BuyerDependencies
from renga.domains.identity.buyers.read_profile import found_profile
from renga.domains.identity.contract import ADMINISTRATION, BuyerFactsInvalid, BuyerProfile, CallOrigin, TaxExemption
from renga.domains.identity.organisations.access import locked_actor
from renga.kernel.caller import Caller
from renga.kernel.clock import from_rfc3339, rfc3339


async def set_exemption(
    dependencies: BuyerDependencies, caller: Caller, account_id: str, exemption: TaxExemption, *, origin: CallOrigin
) -> BuyerProfile:
    caller.require(ADMINISTRATION)
    return await _put(dependencies, caller, account_id, _checked(exemption), origin)


async def remove_exemption(
    dependencies: BuyerDependencies, caller: Caller, account_id: str, *, origin: CallOrigin
) -> BuyerProfile:
    caller.require(ADMINISTRATION)
    return await _put(dependencies, caller, account_id, None, origin)


async def _put(
    dependencies: BuyerDependencies,
    caller: Caller,
    account_id: str,
    exemption: TaxExemption | None,
    origin: CallOrigin,
) -> BuyerProfile:
    async with dependencies.store.work() as work:
        actor = await locked_actor(work, account_id)
        await work.put_exemption(actor.id, exemption)
        await work.announce((actor.id,), dependencies.new_id)
        action = "tax_exemption_removed" if exemption is None else "tax_exemption_set"
        await work.record(action, by=caller.subject, account_id=actor.id, origin=origin)
    dependencies.forget((actor.id,))
    return await found_profile(dependencies, actor.id)


def _checked(exemption: TaxExemption) -> TaxExemption:
    until = exemption.expires_at
    if until is not None:
        try:
            until = rfc3339(from_rfc3339(until))
        except ValueError:
            raise BuyerFactsInvalid("expires_at is an RFC 3339 time", field="expires_at") from None
    return msgspec.structs.replace(exemption, certificate=checked_certificate(exemption.certificate), expires_at=until)
