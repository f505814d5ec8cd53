"""What a cart would cost now, for the cart page: the steps of pricing's estimate as rows with texts."""

from collections.abc import Iterable

import msgspec
import structlog

from renga.domains.cart.contract import Cart
from renga.domains.pricing.contract import CouponRefusal, EstimateRequest, Pricing, Quote
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.errors import Invalid, RengaError
from renga.kernel.money import Money
from renga.platform.cache.hurried import HurriedReads

log = structlog.get_logger(__name__)

POSTAL_CODE_MAX_CHARS = 20
#: How long the cart's page waits for its estimate.
WAIT_S = 2.0
#: Where the goods go if the cart does not say: by its currency.
_COUNTRIES = {"BRL": "BR", "USD": "US"}


#: The steps to the total; each has a text.
STEPS = ("subtotal", "promotion", "discount", "shipping", "tax", "surcharge")


class EstimateRow(msgspec.Struct, frozen=True):
    """One step of the total, of STEPS. ``name`` is a promotion's name."""

    step: str
    amount: Money
    name: str = ""


class CouponRow(msgspec.Struct, frozen=True):
    """A code of the cart; ``refused`` says why it does not count."""

    code: str
    refused: CouponRefusal | None


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """``shipped``: shipping is in it. ``postal_code_refused``: it is without shipping because the code is none."""

    rows: tuple[EstimateRow, ...]
    total: Money
    tax_included: Money | None
    gifts: tuple[str, ...]
    coupons: tuple[CouponRow, ...]
    shipped: bool
    postal_code_refused: bool


class Estimates:
    """Estimates of carts for their page. ``pricing`` None: there are none."""

    def __init__(self, pricing: Pricing | None, clock: Clock) -> None:
        self._pricing, self._hurried = pricing, HurriedReads(clock, wait_s=WAIT_S)

    async def of(self, caller: Caller, cart: Cart, postal_code: str) -> Estimate | None:
        """None where there is no pricing, or while it cannot say in time: the cart is shown without."""
        country = cart.terms.country or _COUNTRIES.get(cart.currency, "")
        refused = False
        try:
            if postal_code and country:
                try:
                    request = EstimateRequest(country=country, postal_code=postal_code)
                    return _estimate(await self._ask(caller, cart, request), shipped=True, refused=False)
                except Invalid as error:
                    log.info("postal_code_refused", code=error.code)
                    refused = True
            return _estimate(await self._ask(caller, cart, EstimateRequest()), shipped=False, refused=refused)
        except RengaError as error:
            log.warning("estimate_unavailable", code=error.code)
            return None

    async def _ask(self, caller: Caller, cart: Cart, request: EstimateRequest) -> Quote | None:
        pricing = self._pricing
        return None if pricing is None else await self._hurried.read(lambda: pricing.estimate(caller, cart.id, request))


def _estimate(quote: Quote | None, *, shipped: bool, refused: bool) -> Estimate | None:
    if quote is None:
        return None
    return Estimate(
        rows=tuple(_rows(quote, shipped)),
        total=quote.total,
        tax_included=quote.tax_included if quote.tax_included.amount else None,
        gifts=tuple(line.title for line in quote.lines if line.gift),
        coupons=tuple(CouponRow(one.code, one.refused) for one in quote.coupons),
        shipped=shipped,
        postal_code_refused=refused,
    )


def _rows(quote: Quote, shipped: bool) -> Iterable[EstimateRow]:
    """The steps to the total: each promotion by its name, and what is not zero of the others."""
    yield EstimateRow("subtotal", quote.subtotal)
    named = Money(0, quote.currency)
    for one in quote.promotions:
        named += one.amount
        yield EstimateRow("promotion", Money(-one.amount.amount, quote.currency), one.name)
    if rest := quote.discounts.amount - named.amount:
        yield EstimateRow("discount", Money(-rest, quote.currency))
    if shipped:
        yield EstimateRow("shipping", quote.shipping)
    if quote.tax.amount:
        yield EstimateRow("tax", quote.tax)
    if quote.surcharge.amount:
        yield EstimateRow("surcharge", quote.surcharge)
