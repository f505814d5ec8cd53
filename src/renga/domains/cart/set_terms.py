"""Change a cart's terms: every line gets the catalogue's price on the new terms, in one atomic step."""

from collections.abc import Sequence

import msgspec
import structlog

from renga.domains.cart.contract import (
    CartBusy,
    CartNotFound,
    CartTerms,
    Change,
    CurrencyUnavailable,
    VariantNotAvailable,
    Write,
)
from renga.domains.cart.dependencies import CartDependencies, guard
from renga.domains.cart.line_prices import is_sold, rows_on
from renga.domains.cart.ports import Guard, LinesDiffer, Rows, StoredCart, StoredLine, TermsChange, Whose, WriteOutcome
from renga.domains.cart.use_case import write_step
from renga.kernel.buyer_terms import BuyerTerms, checked_terms
from renga.kernel.caller import Caller
from renga.kernel.errors import Unavailable
from renga.platform.telemetry.degraded import count_degraded

log = structlog.get_logger(__name__)

#: How often the lines are priced again because the cart got another line, owner or other terms meanwhile.
TRIES_MAX = 5


async def set_terms(
    dependencies: CartDependencies,
    caller: Caller,
    cart_id: str,
    currency: str,
    *,
    channel: str,
    country: str,
    region: str,
    write: Write,
) -> Change:
    checked_terms(BuyerTerms(currency=currency, channel=channel, country=country, region=region))
    checked = guard(caller, write, "terms", cart_id, currency, channel, country, region)

    async def step(known: str) -> WriteOutcome:
        for _ in range(TRIES_MAX):
            stored = await _stored(dependencies, known)
            groups = await groups_of(dependencies, stored.owner)
            terms = CartTerms(channel=channel, country=country, region=region, groups=groups)
            outcome = await _try(dependencies, stored, currency, terms, checked)
            if outcome is not None:
                return outcome
        raise CartBusy()

    return await write_step(dependencies, cart_id, step)


async def claim_on_terms(
    dependencies: CartDependencies, cart_id: str, customer: str, groups: tuple[str, ...], checked: Guard
) -> WriteOutcome:
    """Make a customer of these groups the owner, who may be it already; lines without a price for them keep their own."""
    for _ in range(TRIES_MAX):
        stored = await _stored(dependencies, cart_id)
        terms = msgspec.structs.replace(stored.terms, groups=groups)
        outcome = await _try(dependencies, stored, stored.currency, terms, checked, owner=customer)
        if outcome is not None:
            return outcome
    raise CartBusy()


async def groups_of(dependencies: CartDependencies, customer: str | None) -> tuple[str, ...]:
    """The customer's groups; none for a guest, and none while they cannot be read: the checkout quotes again."""
    return () if customer is None else await groups_now(dependencies, customer) or ()


async def groups_now(dependencies: CartDependencies, customer: str) -> tuple[str, ...] | None:
    """The customer's groups; None while they cannot be read."""
    try:
        return (await dependencies.facts.verified(customer)).groups
    except Unavailable:
        count_degraded("buyer_facts")
        log.warning("buyer_facts_not_read")
        return None


async def _stored(dependencies: CartDependencies, cart_id: str) -> StoredCart:
    _, stored = await dependencies.store.read(cart_id)
    if stored is None:
        raise CartNotFound()
    return stored


async def _try(
    dependencies: CartDependencies,
    stored: StoredCart,
    currency: str,
    terms: CartTerms,
    checked: Guard,
    owner: str | None = None,
) -> WriteOutcome | None:
    """None: lines, owner or terms are others now. A refusal comes after the store's word: the call may be a replay."""
    refused: CurrencyUnavailable | VariantNotAvailable | None = None
    rows: dict[str, Rows] = {}
    try:
        rows = await _rows(dependencies, (*stored.lines, *stored.saved), currency, terms, keep=owner is not None)
    except (CurrencyUnavailable, VariantNotAvailable) as error:
        refused = error
    change = TermsChange(currency=currency, terms=terms, rows=rows, owner=owner, read=Whose(stored.owner, stored.terms))
    try:
        outcome = await dependencies.store.set_terms(stored.id, change, checked)
    except LinesDiffer:
        if refused is not None:
            raise refused from None
        return None
    dependencies.price_keys.remember(stored.id, terms.price_key)
    return outcome


async def _rows(
    dependencies: CartDependencies, lines: Sequence[StoredLine], currency: str, terms: CartTerms, *, keep: bool
) -> dict[str, Rows]:
    """The price rows of each line on the terms; with ``keep``, its own where there are none.

    Raises VariantNotAvailable, CurrencyUnavailable.
    """
    offers = await dependencies.offers.find_many(line.sku for line in lines)
    key = terms.price_key
    found: dict[str, Rows | None] = {}
    unsold: dict[str, None] = {}
    for line in lines:
        offer = offers.get(line.sku)
        if offer is None or not is_sold(offer, key):
            unsold[line.sku] = None
            found[line.line] = None
        else:
            found[line.line] = rows_on(offer, key, currency, dependencies.at)
    if keep:
        return {line.line: found[line.line] or line.rows for line in lines}
    if unsold:
        raise VariantNotAvailable(skus=list(unsold), channel=terms.channel)
    missing = [line.sku for line in lines if found[line.line] is None]
    if missing:
        raise CurrencyUnavailable(f"not sold in {currency}", skus=list(dict.fromkeys(missing)), currency=currency)
    return {line: rows for line, rows in found.items() if rows is not None}
