"""``renga quote``: what a cart in a file would cost now."""

import sys
from pathlib import Path

import msgspec

from renga.domains.pricing.commands.explaining import explained
from renga.domains.pricing.commands.wording import LANGUAGES
from renga.domains.pricing.contract import QUANTITY_MILLI_MAX, Destination, LineToPrice, PaymentChoice, QuoteRequest
from renga.domains.pricing.local import LocalPricing
from renga.kernel.buyer_terms import DEFAULT_CHANNEL, BuyerTerms
from renga.kernel.errors import Invalid
from renga.kernel.languages import nearest_language
from renga.kernel.members import invalid_json
from renga.kernel.money import Money
from renga.platform.modules.command_line import CommandLine
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings
from renga.platform.texts import open_locales

FILE_BYTES_MAX = 4_000_000


class QuoteOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of the command."""

    cart: str
    explain: bool = False
    country: str | None = None
    postal_code: str | None = None
    coupons: tuple[str, ...] = ()
    payment: str | None = None
    language: str | None = None
    as_json: bool = False


class FileLine(msgspec.Struct, frozen=True):
    """A line of the file; ``unit_price`` is the price that the cart has kept, if it has."""

    sku: str
    quantity: float
    unit_price: Money | None = None
    line: str = ""


class FileTerms(msgspec.Struct, frozen=True):
    """The terms of the file's cart."""

    channel: str = DEFAULT_CHANNEL
    country: str = ""
    region: str = ""


class FileCart(msgspec.Struct, frozen=True):
    """A cart as the API answers it; currency and lines are enough. Other members are ignored."""

    currency: str
    lines: tuple[FileLine, ...]
    terms: FileTerms = FileTerms()
    coupons: tuple[str, ...] = ()
    customer: str | None = None


_decoder = msgspec.json.Decoder(FileCart)


async def quote_file(line: CommandLine, settings: Sections, options: QuoteOptions) -> None:
    """Prints the quote. Raises Invalid and the errors of a quote."""
    cart = read_cart(options.cart)
    language = nearest_language(options.language or open_locales(settings[PlatformSettings]).languages[0], LANGUAGES)
    async with line.opened(settings, "pricing") as modules:
        pricing: LocalPricing = modules["pricing"].own
        facts = await pricing.dependencies.buyers.verified(cart.customer)
        request = request_of(cart, options)
        terms = msgspec.structs.replace(request.terms, language=language, verified=facts)
        quote = await pricing.quote(msgspec.structs.replace(request, terms=terms))
    if options.as_json:
        print(msgspec.json.format(msgspec.json.encode(quote)).decode())
    else:
        print("\n".join(explained(quote, language, why=options.explain)))


def request_of(cart: FileCart, options: QuoteOptions) -> QuoteRequest:
    """The file's cart with what the options change. Raises Invalid for a line that no cart has."""
    country = cart.terms.country if options.country is None else options.country
    region = cart.terms.region if country == cart.terms.country else ""
    destination = Destination(country=country, region=region, postal_code=options.postal_code or "")
    method = options.payment
    return QuoteRequest(
        terms=BuyerTerms(currency=cart.currency, channel=cart.terms.channel, country=country, region=region),
        lines=tuple(_line(number, one, cart.currency) for number, one in enumerate(cart.lines)),
        coupons=(*cart.coupons, *options.coupons),
        destination=destination if country or destination.postal_code else None,
        payment=None if method is None else PaymentChoice(method=method, cash=method == "cash"),
        customer=cart.customer,
    )


def _line(number: int, one: FileLine, currency: str) -> LineToPrice:
    if not 0 < one.quantity <= QUANTITY_MILLI_MAX / 1000:
        raise Invalid(f"a quantity is above 0, at most {QUANTITY_MILLI_MAX // 1000}", field=f"lines[{number}].quantity")
    milli = round(one.quantity * 1000)
    if milli / 1000 != one.quantity:
        raise Invalid("a quantity has at most three digits after the point", field=f"lines[{number}].quantity")
    if one.unit_price is not None and one.unit_price.currency != currency:
        raise Invalid("is in the currency of the cart", field=f"lines[{number}].unit_price")
    was = None if one.unit_price is None else one.unit_price.amount
    return LineToPrice(line=one.line or f"{number + 1}", sku=one.sku, quantity_milli=milli, unit_price=was)


def read_cart(file: str) -> FileCart:
    """Raises Invalid, also for a file that is no cart."""
    try:
        if file == "-":
            body = sys.stdin.buffer.read(FILE_BYTES_MAX + 1)
        else:
            with Path(file).open("rb") as opened:
                body = opened.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise Invalid(f"{file} is not a file that can be read") from error
    if len(body) > FILE_BYTES_MAX:
        raise Invalid(f"{file} has more than {FILE_BYTES_MAX} bytes")
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise invalid_json(error, body, FileCart) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"{file} is not JSON: {error}") from None
