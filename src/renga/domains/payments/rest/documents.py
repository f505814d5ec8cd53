"""What travels: requests of payments. Every amount is ``{"amount": minor units, "currency"}``."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from renga.domains.payments.contract.payments import (
    CapturePolicy,
    MandateUsage,
    NewMeans,
    NewPayment,
    OfferedMethod,
    Payer,
    Payment,
    PaymentMethod,
    Share,
)
from renga.domains.payments.contract.service import RefundShare
from renga.domains.payments.rest.shared import amount_of
from renga.kernel.errors import Invalid
from renga.kernel.money import Money

Reference = Annotated[str, Meta(description="What is paid, in your words.", examples=["order:1042"])]


class ShareDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who gets a part of the money. What no share names belongs to the shop."""

    amount: Money
    kind: Literal["sale", "tax", "shipping"] = "sale"
    merchant: str | None = None
    category: Annotated[str | None, Meta(description="For commission by category.")] = None


class PayerDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who pays, as far as a method needs it. A boleto needs `name` and `tax_id`."""

    customer: Annotated[str | None, Meta(description="The id of the customer's account.")] = None
    name: str | None = None
    email: str | None = None
    tax_id: Annotated[str | None, Meta(description="CPF or CNPJ.")] = None
    country: Annotated[str | None, Meta(description="ISO 3166-1 alpha-2.")] = None
    address: Annotated[str | None, Meta(description="The buyer's IP address, for limits of declined tries.")] = None


class MeansMembers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a means is made of, beside its method and amount."""

    token: Annotated[str | None, Meta(description="The provider's one-time token of a card.")] = None
    instalments: int = 1
    code: Annotated[str | None, Meta(description="The code of a gift card.")] = None
    saved_method: Annotated[str | None, Meta(description="A saved method in place of a token.")] = None
    save: Annotated[bool, Meta(description="Keep the card for the customer, who consented.")] = False
    consent: Annotated[str | None, Meta(description="The version of the text that the customer consented to.")] = None
    usage: MandateUsage = "one_off"
    expires_in_s: Annotated[int | None, Meta(description="Seconds until a Pix charge expires.")] = None
    due_on: Annotated[str | None, Meta(description="The day a boleto is due.", examples=["2027-03-01"])] = None


class MeansDocument(MeansMembers, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of several means. At most one has no `amount`: it pays what the others leave."""

    method: PaymentMethod
    amount: Money | None = None


class PaymentBody(MeansMembers, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment, by one `method` with its members, or by several `means`."""

    reference: Reference
    amount: Money
    method: PaymentMethod | None = None
    means: Annotated[tuple[MeansDocument, ...], Meta(description="Several means in place of `method`.")] = ()
    capture: Annotated[
        CapturePolicy | None, Meta(description="Whether the money is taken at once; without it, as the shop does.")
    ] = None
    shares: tuple[ShareDocument, ...] = ()
    payer: PayerDocument = PayerDocument()
    return_url: Annotated[str | None, Meta(description="Where a page of the provider sends the buyer back to.")] = None


class CaptureBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without `amount`: all that is left. `final`: what is not captured is released."""

    amount: Money | None = None
    final: bool = True


class VoidBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing is needed."""


class RefundShareDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A share of the payment that gives money back."""

    amount: Money
    kind: Literal["sale", "tax", "shipping"] = "sale"
    merchant: str | None = None
    category: str | None = None


class RefundBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without `amount`: all that is left, or what `shares` sum up to. Without `shares` every share gives its part."""

    amount: Money | None = None
    shares: tuple[RefundShareDocument, ...] = ()
    means: Annotated[str | None, Meta(description="The id of the means that gets it; null: the last one first.")] = None
    reason: Annotated[str, Meta(description="Told to the provider.")] = ""


class PaymentsList(msgspec.Struct, frozen=True, kw_only=True):
    """Payments of one reference, newest first."""

    items: tuple[Payment, ...]


class OfferedMethods(msgspec.Struct, frozen=True, kw_only=True):
    """The methods that can pay an amount."""

    items: tuple[OfferedMethod, ...]


def new_payment(body: PaymentBody, key: str) -> NewPayment:
    """Raises Invalid (both or neither of method and means), PaymentInvalid (amounts in several currencies)."""
    currency = body.amount.currency
    if (body.method is None) == (not body.means):
        raise Invalid("a payment has either `method` or `means`", field="method")
    if body.method is None:
        if any(getattr(body, name) != getattr(_PLAIN, name) for name in MeansMembers.__struct_fields__):
            raise Invalid("members of a single method do not go with `means`", field="means")
        means = tuple(
            _means(one, one.method, one.amount, currency, f"means[{at}]") for at, one in enumerate(body.means)
        )
    else:
        means = (_means(body, body.method, None, currency, "amount"),)
    return NewPayment(
        key=key, reference=body.reference, amount=body.amount, means=means, capture=body.capture,
        shares=tuple(_share(one, currency, f"shares[{at}].amount") for at, one in enumerate(body.shares)),
        payer=msgspec.convert(msgspec.to_builtins(body.payer), Payer), return_url=body.return_url,
    )  # fmt: skip


_PLAIN = MeansMembers()


def _means(one: MeansMembers, method: PaymentMethod, amount: Money | None, currency: str, field: str) -> NewMeans:
    return NewMeans(
        method=method, amount=amount_of(amount, currency, f"{field}.amount"), token=one.token,
        saved_method=one.saved_method, save=one.save, consent=one.consent, usage=one.usage, instalments=one.instalments,
        code=one.code, expires_in_s=one.expires_in_s, due_on=one.due_on,
    )  # fmt: skip


def _share(one: ShareDocument, currency: str, field: str) -> Share:
    amount = amount_of(one.amount, currency, field) or 0
    return Share(kind=one.kind, amount=amount, merchant=one.merchant, category=one.category)


def refund_shares(body: RefundBody) -> tuple[RefundShare, ...]:
    """In the currency that ``currency_named`` says."""
    return tuple(
        RefundShare(kind=one.kind, amount=one.amount.amount, merchant=one.merchant, category=one.category)
        for one in body.shares
    )


def currency_named(body: RefundBody) -> str | None:
    """The one currency of all amounts in the body; None: it names none. Raises PaymentInvalid."""
    named = ([] if body.amount is None else [body.amount]) + [one.amount for one in body.shares]
    for at, one in enumerate(named):
        amount_of(one, named[0].currency, f"shares[{at}].amount")
    return named[0].currency if named else None
