"""Use case: what a promotion would have done to the newest carts. Nothing is changed."""

import msgspec

from renga.domains.cart.contract import ANY_CART
from renga.domains.pricing.access import reach_of
from renga.domains.pricing.contract import (
    DRY_RUN_CARTS_MAX,
    Destination,
    DryRun,
    PromotionDraft,
    Quote,
    QuoteAmountTooLarge,
    QuoteQuantityInvalid,
    QuoteRequest,
    QuoteTooLarge,
)
from renga.domains.pricing.create_promotion import promotion_of
from renga.domains.pricing.current_rules import ReadyRules, ready
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.owning import owned_draft
from renga.domains.pricing.ports import SampleCart
from renga.domains.pricing.quote_lines import quote_lines
from renga.domains.pricing.trial_reads import HeldHistory, HeldOffers, UntaxedTrial
from renga.kernel.buyer_terms import TermsInvalid
from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid
from renga.kernel.money import Money, UnknownCurrency
from renga.platform.yielding import Yielding

EXAMPLES_MAX = 10
#: Id of the tried promotion; no promotion has it.
TRIED = "00000000-0000-0000-0000-000000000000"
#: A cart that cannot be quoted is counted as failed; a store that is away fails the whole run.
_FAILS = (QuoteAmountTooLarge, QuoteQuantityInvalid, QuoteTooLarge, TermsInvalid, UnknownCurrency)


class _Sums(msgspec.Struct):
    carts: int = 0
    failed: int = 0
    cost: dict[str, int] = {}
    turnover: dict[str, int] = {}
    found: list[str] = []


async def dry_run(
    dependencies: PricingDependencies, caller: Caller, draft: PromotionDraft, *, carts: int = DRY_RUN_CARTS_MAX
) -> DryRun:
    """Beside the active promotions, as if it were active; codes count as given. Raises PromotionInvalid, Invalid."""
    reach = reach_of(caller)
    if not 1 <= carts <= DRY_RUN_CARTS_MAX:
        raise Invalid(f"carts is from 1 to {DRY_RUN_CARTS_MAX}", field="carts")
    rules = _with(await dependencies.rules.now(), await owned_draft(dependencies, draft, reach))
    samples = await dependencies.newest_carts.newest(carts)
    trial = msgspec.structs.replace(
        dependencies,
        offers=HeldOffers(dependencies.offers, samples),
        history=HeldHistory(dependencies.history),
        taxes=UntaxedTrial(),
    )
    sums, pause = _Sums(), Yielding()
    for cart in samples:
        sums.carts += 1
        try:
            quote = await quote_lines(trial, _request(cart), rules=rules)
        except _FAILS:
            sums.failed += 1
        else:
            _add(sums, cart, quote, draft.merchant or reach.only)
        await pause.turn()
    return DryRun(
        carts=sums.carts,
        applied=len(sums.found),
        cost=_money(sums.cost),
        turnover=_money(sums.turnover),
        examples=tuple(sums.found[:EXAMPLES_MAX]) if caller.may(ANY_CART) else (),
        carts_failed=sums.failed,
    )


def _with(rules: ReadyRules, draft: PromotionDraft) -> ReadyRules:
    """A promotion with codes is tried without them: as if each buyer had one."""
    free = msgspec.structs.replace(draft, codes=(), code_batches=False, active=True)
    tried = promotion_of(free, TRIED, 1, "")
    return ready(msgspec.structs.replace(rules.rules, promotions=(*rules.rules.promotions, tried)))


def _request(cart: SampleCart) -> QuoteRequest:
    terms = cart.terms
    return QuoteRequest(
        terms=terms,
        lines=cart.lines,
        coupons=cart.coupons,
        destination=Destination(country=terms.country, region=terms.region) if terms.country else None,
        customer=cart.customer,
    )


def _add(sums: _Sums, cart: SampleCart, quote: Quote, merchant: str | None) -> None:
    amount = sum(one.amount.amount for one in quote.promotions if one.promotion == TRIED)
    gifts = any(one.gift and any(each.promotion == TRIED for each in one.discounts) for one in quote.lines)
    if not amount and not gifts:
        return
    sums.found.append(cart.id)
    before = [
        (0 if one.now is None else one.now.amount) * round(one.quantity * 1000) // 1000
        for one in quote.lines
        if not one.gift and merchant in (None, one.merchant)
    ]
    currency = quote.currency
    sums.cost[currency] = sums.cost.get(currency, 0) + amount
    sums.turnover[currency] = sums.turnover.get(currency, 0) + sum(before)


def _money(sums: dict[str, int]) -> tuple[Money, ...]:
    return tuple(Money(amount, currency) for currency, amount in sorted(sums.items()))
