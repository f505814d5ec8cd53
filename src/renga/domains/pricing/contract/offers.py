"""What is to be priced: lines, the facts of their offers, shipping, payment, coupons. Amounts are minor units of the terms'
currency; quantities are thousandths of a unit (``quantity_milli``: three pieces are 3000, 0.250 kg is 250)."""

from typing import Literal

import msgspec

from renga.kernel.destination import Destination as Destination

#: One unit in thousandths.
UNIT_MILLI = 1000

#: The value of an attribute that a condition compares; a list for attributes with several options.
AttributeFact = str | int | float | bool | tuple[str, ...]


class LineToPrice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a cart. ``unit_price`` is the price that the cart has kept for one unit; None: there was none (a dry run)."""

    line: str
    sku: str
    quantity_milli: int
    unit_price: int | None = None


class PriceRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The price of one unit if at least ``min_quantity`` whole units are bought. ``currency`` None: that of the terms.

    Rows are those that apply to the buyer's terms now, with ascending quantities (``catalog.contract.price_rows``).
    """

    amount: int
    min_quantity: int = 1
    currency: str | None = None


class UnitMeasure(msgspec.Struct, frozen=True, kw_only=True):
    """What one unit contains, for the price per base unit (Directive 98/6/EC): 250 ``g`` of a ``kg``.

    ``content`` is in parts of ``per``, by default thousandths: 250 g are 250 thousandths of a kg, 0.75 l are 750 of a litre.
    ``parts`` is how many of them make a whole: half a gram is 500 of 1,000,000 parts of a kg.
    """

    content: int
    per: Literal["kg", "l", "m", "m2", "m3", "piece"]
    parts: int = 1000


class OfferFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What prices, conditions and taxes need to know of a sku. Quantities of all lines of one sku count together.

    ``rows``           prices for the terms; empty: not sold in the currency
    ``plain``          the price without conditions, to explain a list price; None: unknown
    ``compare_at``     the price to show struck through
    ``lowest_30_days`` the lowest price of the 30 days before a reduction
    ``categories``     with all their ancestors
    ``tax_code``       code of a tax system (NCM, HS, a provider's), ``tax_category`` key of the shop's own tables
    ``cost``           what the shop pays for one unit, for a minimum margin; None: unknown, no margin is held
    ``available_milli`` what can be had; None: not limited
    ``sold``           false: not sold in the channel (any more)
    """

    sku: str
    title: str
    product_id: str
    merchant: str = "house"
    rows: tuple[PriceRow, ...] = ()
    plain: int | None = None
    compare_at: int | None = None
    lowest_30_days: int | None = None
    brand: str | None = None
    categories: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    attributes: dict[str, AttributeFact] = {}
    tax_category: str | None = None
    tax_code: str | None = None
    weight_g: int | None = None
    digital: bool = False
    cost: int | None = None
    measure: UnitMeasure | None = None
    available_milli: int | None = None
    sold: bool = True


class ShippingCharge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A chosen delivery and its price. ``merchant`` None: the shop's, for every line.

    A promotion of a merchant reduces only that merchant's charges. ``days``: after how many business days it arrives, from
    the earliest to the latest; None: unknown.
    """

    id: str
    option: str
    title: str
    amount: int
    merchant: str | None = None
    days: tuple[int, int] | None = None


class PaymentChoice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How it will be paid: ``method`` (``card``, ``pix``, ``boleto``, ``cash``…), and what the method costs the buyer.

    ``cash``: what is due is rounded to the smallest coin.
    """

    method: str
    surcharge: int = 0
    cash: bool = False


class CouponClaim(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A code that the buyer gave. Codes are compared without regard to case and surrounding space.

    ``promotion``  the promotion that the code was looked up for (a batch of single-use codes); None: look among ``codes``
    ``refused``    the code cannot be used, and why (``coupon_used``, ``coupon_unknown``); None: it can
    """

    code: str
    promotion: str | None = None
    refused: str | None = None


class BuyerHistory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of earlier orders. ``orders`` None: unknown, so no first order (a guest without an e-mail address).

    ``exhausted`` are ids of promotions whose usage limit, in total or of this buyer, is reached.
    """

    orders: int | None = None
    exhausted: frozenset[str] = frozenset()


#: Nothing is known.
UNKNOWN_HISTORY = BuyerHistory()
