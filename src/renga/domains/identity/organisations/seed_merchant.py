"""Use case: the demo's merchant, owned by the demo's merchant account. Never for a real shop."""

import contextlib

from renga.domains.identity.contract import ADMINISTRATION, Administration, CallOrigin, Merchants, MerchantSlugTaken
from renga.kernel.caller import Caller

SEEDING = Caller.of_system("demo", ADMINISTRATION)
NAME, SLUG = "Olaria do Alpendre", "olaria-do-alpendre"


async def seed_merchant(merchants: Merchants, administration: Administration, account_id: str) -> str:
    """The merchant's id; one that is there already stays as it is, approved."""
    merchant_id = await _made(merchants, account_id)
    await administration.approve_merchant(SEEDING, merchant_id, origin=CallOrigin(address=""))
    return merchant_id


async def _made(merchants: Merchants, account_id: str) -> str:
    found = await _of(merchants, account_id)
    if found is None:
        # another process seeded at the same time: the merchant exists
        with contextlib.suppress(MerchantSlugTaken):
            return (await merchants.create(Caller(account_id), NAME, SLUG)).id
        found = await _of(merchants, account_id)
    if found is None:
        raise MerchantSlugTaken(slug=SLUG)
    return found


async def _of(merchants: Merchants, account_id: str) -> str | None:
    return next((one.id for one, _ in await merchants.of_account(Caller(account_id)) if one.slug == SLUG), None)
