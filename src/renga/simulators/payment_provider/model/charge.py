"""One payment as the provider keeps it, and what may be told of it."""

from typing import Literal

import msgspec

from renga.simulators.payment_provider.model.card_numbers import Behaviour, CardFace

ChargeState = Literal["action_needed", "pending", "authorised", "captured", "voided", "expired", "refused"]
ChargeMethod = Literal["card", "pix", "boleto"]
RefundState = Literal["pending", "succeeded", "failed"]
DisputeStage = Literal["opened", "won", "lost"]

CAPTURES_MAX = 100
REFUNDS_MAX = 200
DISPUTES_MAX = 20
PAYMENTS_OF_ONE_MAX = 100


class CapturedPart(msgspec.Struct, frozen=True, kw_only=True):
    """Money that was taken once; a Pix or boleto that was paid is one, too."""

    id: str
    amount: int
    at_ms: int
    end_to_end: str | None = None


class RefundPart(msgspec.Struct, frozen=True, kw_only=True):
    """One refund. ``origin`` ``bank``: forced by the payer's bank (MED). ``name``: its name in the Pix API."""

    id: str
    amount: int
    state: RefundState
    at_ms: int
    reason: str = ""
    origin: Literal["shop", "bank"] = "shop"
    due_ms: int | None = None
    ended_ms: int | None = None
    will_fail: bool = False
    name: str | None = None
    part: str | None = None
    key: str | None = None


class DisputeCase(msgspec.Struct, frozen=True, kw_only=True):
    """A buyer's dispute: its amount is held back while it is open, and gone when it is lost."""

    id: str
    stage: DisputeStage
    amount: int
    reason: str
    at_ms: int
    due_ms: int


class InstalmentTerms(msgspec.Struct, frozen=True, kw_only=True):
    """``fee`` in minor units; funded by the buyer it is charged on top (``total``), else it is taken from the shop's money."""

    count: int
    funded_by: Literal["shop", "buyer"]
    fee: int
    total: int


class SplitPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a recipient gets of the whole amount."""

    recipient: str
    amount: int


class PixTerms(msgspec.Struct, frozen=True, kw_only=True):
    """``location``: the charge's address in a dynamic code, if it has one."""

    txid: str
    payload: str
    key: str
    location: str | None = None


class BoletoTerms(msgspec.Struct, frozen=True, kw_only=True):
    line: str
    barcode: str
    due_on: str


class Charge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment. Totals are derived from its parts; ``released``: what was not captured is no longer held."""

    id: str
    method: ChargeMethod
    state: ChargeState
    amount: int
    currency: str
    created_ms: int
    changed_ms: int
    origin: Literal["v1", "pix_api"] = "v1"
    key: str | None = None
    reference: str = ""
    metadata: dict[str, str] = {}
    behaviour: Behaviour = "approved"
    capture: bool = False
    reason: str | None = None
    card: CardFace | None = None
    saved: str | None = None
    return_url: str | None = None
    payer: str = ""
    instalments: InstalmentTerms | None = None
    split: tuple[SplitPart, ...] = ()
    pix: PixTerms | None = None
    boleto: BoletoTerms | None = None
    authorised_until_ms: int | None = None
    expires_ms: int | None = None
    dispute_at_ms: int | None = None
    captures: tuple[CapturedPart, ...] = ()
    refunds: tuple[RefundPart, ...] = ()
    disputes: tuple[DisputeCase, ...] = ()

    @property
    def captured(self) -> int:
        return sum(part.amount for part in self.captures)

    @property
    def refunded(self) -> int:
        return sum(part.amount for part in self.refunds if part.state == "succeeded")

    @property
    def refund_pending(self) -> int:
        return sum(part.amount for part in self.refunds if part.state == "pending")

    @property
    def held_back(self) -> int:
        """What open and lost disputes took."""
        return sum(case.amount for case in self.disputes if case.stage != "won")

    @property
    def capturable(self) -> int:
        return self.amount - self.captured if self.state == "authorised" else 0

    @property
    def refundable(self) -> int:
        return self.captured - self.refunded - self.refund_pending - self.held_back

    @property
    def next_ms(self) -> int | None:
        """When the clock alone changes it next."""
        moments = [refund.due_ms for refund in self.refunds if refund.state == "pending"]
        moments.append(self.dispute_at_ms)
        if self.state == "authorised":
            moments.append(self.authorised_until_ms)
        elif self.state in ("pending", "action_needed"):
            moments.append(self.expires_ms)
        return min((moment for moment in moments if moment is not None), default=None)


class LogMove(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the log: what the provider did. ``amount`` is what moved."""

    kind: str
    amount: int
    outcome: str = "accepted"
    reason: str | None = None
    part: str | None = None


class SettledLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the settlement file of ``day``: ``gross - fee = net``."""

    id: str
    day: str
    kind: Literal["capture", "refund", "dispute", "dispute_won"]
    gross: int
    fee: int
    net: int
    number: int = 1
    of: int = 1
    split: tuple[SplitPart, ...] = ()


class OutgoingEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A message to the shop about the payment as it is after the change."""

    type: str
    dispute: str | None = None


class ChargeChange(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision makes of a payment. ``outcome`` is the answer's; a refusal may change nothing."""

    charge: Charge
    outcome: Literal["accepted", "refused", "action_needed", "pending"] = "accepted"
    reason: str | None = None
    moves: tuple[LogMove, ...] = ()
    lines: tuple[SettledLine, ...] = ()
    events: tuple[OutgoingEvent, ...] = ()


class ProviderProblem(Exception):
    """An answer that is an error: its HTTP status, stable code, sentence, further members."""

    def __init__(self, status: int, code: str, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.members = status, code, detail, members
