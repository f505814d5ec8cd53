"""Use case: create a merchant, owned by the caller."""

from renga.domains.identity.contract import CallOrigin, Merchant, MerchantSlugTaken, MerchantStatus, TooMany
from renga.domains.identity.organisations.access import locked_actor
from renga.domains.identity.organisations.model import checked_name, checked_slug
from renga.domains.identity.organisations.model.limits import MERCHANTS_PER_ACCOUNT_MAX
from renga.domains.identity.organisations.ports import MerchantStore
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.ids import IdSource
from renga.kernel.once import Once


async def create_merchant(
    store: MerchantStore,
    by: str,
    name: str,
    slug: str,
    *,
    origin: CallOrigin | None,
    once: Once | None,
    status: MerchantStatus,
    clock: Clock,
    new_id: IdSource,
) -> Merchant:
    """Raises MerchantSlugTaken, OrganisationInvalid, TooMany, AccountNotFound, IdempotencyConflict."""
    merchant = Merchant(
        id=new_id(),
        name=checked_name(name),
        slug=checked_slug(slug),
        created_at=rfc3339(clock.now_ms()),
        status=status,
    )
    async with store.work() as work:
        if (done := await work.replay(once, Merchant)) is not None:
            return done
        actor = await locked_actor(work, by)
        if await work.count_merchants(actor.id) >= MERCHANTS_PER_ACCOUNT_MAX:
            raise TooMany(limit=MERCHANTS_PER_ACCOUNT_MAX)
        if not await work.add_merchant(merchant):
            raise MerchantSlugTaken(slug=slug)
        await work.put_member(merchant.id, actor.id, "owner")
        await work.record("merchant_created", by=actor.id, account_id=actor.id, origin=origin, merchant_id=merchant.id)
        await work.keep(once, merchant)
    return merchant
