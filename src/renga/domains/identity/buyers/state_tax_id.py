"""Use case: a buyer states a tax number, or takes it back. It counts nowhere before an administrator verifies it."""

from renga.domains.identity.accounts.model import normal_name
from renga.domains.identity.buyers.ports import BuyerDependencies
from renga.domains.identity.buyers.read_profile import found_profile
from renga.domains.identity.contract import BuyerProfile, CallOrigin, TaxIdentity
from renga.domains.identity.organisations.access import locked_actor
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339
from renga.kernel.tax_ids import checked_tax_id


async def state_tax_id(
    dependencies: BuyerDependencies, caller: Caller, country: str, tax_id: str, company: str, *, origin: CallOrigin
) -> BuyerProfile:
    by = caller.identified()
    number, only_companies = checked_tax_id(country, tax_id)
    company = normal_name(company) if company.strip() else ""
    async with dependencies.store.work() as work:
        actor = await locked_actor(work, by)
        known = await work.tax(actor.id)
        stated = TaxIdentity(
            country=country,
            tax_id=number,
            company=company,
            is_company=only_companies or bool(company),
            stated_at=rfc3339(work.now_ms),
        )
        if known is None or _said(known) != _said(stated):
            await work.put_tax(actor.id, stated)
            if known is not None and known.verified_at is not None:
                await work.announce((actor.id,), dependencies.new_id)
            await work.record("tax_id_stated", by=by, account_id=actor.id, origin=origin, country=country)
    dependencies.forget((actor.id,))
    return await found_profile(dependencies, actor.id)


async def remove_tax_id(dependencies: BuyerDependencies, caller: Caller, *, origin: CallOrigin) -> None:
    by = caller.identified()
    async with dependencies.store.work() as work:
        actor = await locked_actor(work, by)
        known = await work.tax(actor.id)
        if known is None:
            return
        await work.put_tax(actor.id, None)
        if known.verified_at is not None:
            await work.announce((actor.id,), dependencies.new_id)
        await work.record("tax_id_removed", by=by, account_id=actor.id, origin=origin)
    dependencies.forget((actor.id,))


def _said(tax: TaxIdentity) -> tuple[str, str, str]:
    return tax.country, tax.tax_id, tax.company
