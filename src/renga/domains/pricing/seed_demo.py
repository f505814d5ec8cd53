"""Use case: the demo's promotions, rules and taxes; repeating it changes nothing."""

from importlib import resources

import msgspec

from renga.domains.pricing.contract import ALL_PRICING, ALL_PROMOTIONS, PromotionDraft, TaxTables
from renga.domains.pricing.create_promotion import create_promotion
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.keep_tax_tables import replace_tax_tables
from renga.kernel.caller import Caller

_FOLDER = resources.files("renga.domains.pricing") / "demo"


async def seed_demo(dependencies: PricingDependencies, merchant: str | None) -> int:
    """Adds missing promotions (those with a merchant become ``merchant``'s) and, if there are none, taxes. Returns how many."""
    caller = Caller.of_system("demo", ALL_PROMOTIONS, ALL_PRICING)
    rules = (await dependencies.rules.now()).rules
    there = {one.name for one in rules.promotions}
    drafts = msgspec.json.Decoder(PromotionDraft).decode_lines((_FOLDER / "promotions.jsonl").read_bytes())
    added = 0
    for draft in drafts:
        if draft.name in there or (draft.merchant is not None and merchant is None):
            continue
        owner = merchant if draft.merchant is not None else None
        await create_promotion(dependencies, caller, msgspec.structs.replace(draft, merchant=owner))
        added += 1
    if rules.tables.version == 0:
        tables = msgspec.json.decode((_FOLDER / "taxes.json").read_bytes(), type=TaxTables)
        await replace_tax_tables(dependencies, caller, tables)
    return added
