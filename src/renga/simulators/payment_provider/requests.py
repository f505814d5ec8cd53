"""Bodies of the provider's own API."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from renga.kernel.money import AMOUNT_MAX
from renga.simulators.payment_provider.model.card_numbers import Behaviour
from renga.simulators.payment_provider.model.charge import SplitPart
from renga.simulators.payment_provider.model.fees import INSTALMENTS_MAX

Amount = Annotated[int, Meta(ge=1, le=AMOUNT_MAX)]
Text = Annotated[str, Meta(max_length=200)]
Url = Annotated[str, Meta(max_length=2_000, pattern=r"^https?://[^\s<>\"'\\]+\Z")]


class CardEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A card as it is typed. It is looked at once and not kept."""

    number: Annotated[str, Meta(max_length=40)]
    exp_month: int
    exp_year: int
    cvc: Annotated[str, Meta(max_length=8)]
    name: Text = ""


class InstalmentWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``fee``: what the buyer pays on top, if they fund it and the shop has agreed it with them; else the provider's own."""

    count: Annotated[int, Meta(ge=1, le=INSTALMENTS_MAX)]
    funded_by: Literal["shop", "buyer"] | None = None
    fee: Annotated[int, Meta(ge=0, le=AMOUNT_MAX)] | None = None


class PayerEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Text = ""
    tax_id: Text = ""
    email: Text = ""


class NewCharge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``capture``: take the money at once. ``recurring``: nobody is there for a challenge. ``previous``: an authorisation that
    this one replaces, with the same card. The amount 0 with ``save`` only keeps the card. ``behaviour`` is for Pix and boleto,
    which have no test numbers.
    """

    amount: Annotated[int, Meta(ge=0, le=AMOUNT_MAX)]
    currency: Annotated[str, Meta(min_length=3, max_length=3)]
    method: Literal["card", "pix", "boleto"] = "card"
    token: str | None = None
    saved_method: str | None = None
    previous: str | None = None
    save: bool = False
    recurring: bool = False
    capture: bool = False
    instalments: InstalmentWish | None = None
    split: Annotated[tuple[SplitPart, ...], Meta(max_length=100)] = ()
    reference: Text = ""
    metadata: dict[Annotated[str, Meta(max_length=40)], Annotated[str, Meta(max_length=500)]] = {}
    return_url: Url | None = None
    payer: PayerEntry = PayerEntry()
    expires_in_s: Annotated[int, Meta(ge=1, le=2_592_000)] = 3_600
    due_on: Annotated[str, Meta(max_length=10)] | None = None
    behaviour: Behaviour | None = None


class CaptureWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without ``amount``: all that is left. ``final``: the rest is released."""

    amount: Amount | None = None
    final: bool = True


class RefundWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    amount: Amount | None = None
    reason: Text = ""


class NoWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body without members; no body at all is the same."""


class DisputeWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    amount: Amount | None = None
    reason: Text = "fraudulent"


class AmountWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    amount: Amount | None = None


class ClockWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Exactly one of them. ``day`` (YYYY-MM-DD) keeps the time of day; ``reset`` goes back to the machine's clock."""

    advance_s: Annotated[int, Meta(ge=0, le=315_360_000)] | None = None
    day: Annotated[str, Meta(max_length=10)] | None = None
    reset: bool = False
