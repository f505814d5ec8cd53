"""Use case: the demo's merchant, owned by the demo's merchant account. Never for a real shop."""

import contextlib

from renga.domains.identity.contract import Merchants, MerchantSlugTaken
from renga.kernel.caller import Caller

NAME, SLUG = "Olaria do Alpendre", "olaria-do-alpendre"


async def seed_merchant(merchants: Merchants, account_id: str) -> str:
    """Create the merchant if missing; returns its id."""
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
