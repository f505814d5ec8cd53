"""A kept quote: everything that was shown to the buyer. An order is made of it alone."""

import msgspec

from renga.domains.orders.contract.checkouts import ConsentGiven, ShippingOption
from renga.domains.payments.contract.payments import OfferedMethod, PaymentMethod
from renga.domains.pricing.contract import BuyerQuote, QuoteRequest, TaxAnswer, TaxRequest
from renga.kernel.address import PostalAddress


class FrozenQuote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A quote with all that it was made of. Times are Unix milliseconds.

    ``cart_version``   of the cart that it was made for
    ``quote``          as shown; its ``id`` and ``expires_at`` are this one's
    ``request``        the lines, terms and choices that it answers; a line's quantity is in thousandths of a unit
    ``tax_request``    the question to the tax provider and its answer, for the books
    ``options``        the buyer's options of each line that has some (an engraving), by line id
    ``note``           the buyer's note on the cart
    ``shipping_option`` the chosen one; None: the cheapest, as in ``quote.deliveries``
    ``gift_cards``     codes, in the order in which they pay
    ``consents``       what the buyer agreed to: false, true, or the version of the text that they saw
    ``language``       BCP 47, of the texts that were shown
    ``customer``       the account; None: a guest
    ``ships``          something of it has to be delivered
    ``shipping_options``, ``payment_methods`` what there was to choose from
    """

    id: str
    checkout_id: str
    cart_id: str
    cart_version: int
    created_ms: int
    expires_ms: int
    quote: BuyerQuote
    request: QuoteRequest
    language: str
    email: str | None = None
    tax_id: str | None = None
    shipping_address: PostalAddress | None = None
    billing_address: PostalAddress | None = None
    shipping_option: str | None = None
    payment_method: PaymentMethod | None = None
    instalments: int = 1
    gift_cards: tuple[str, ...] = ()
    consents: dict[str, ConsentGiven] = {}
    customer: str | None = None
    options: dict[str, dict[str, str]] = {}
    note: str = ""
    tax_request: TaxRequest | None = None
    tax_answer: TaxAnswer | None = None
    ships: bool = False
    shipping_options: tuple[ShippingOption, ...] = ()
    payment_methods: tuple[OfferedMethod, ...] = ()

    def live_at(self, now_ms: int) -> bool:
        """Whether its prices are honoured at this time."""
        return now_ms < self.expires_ms
