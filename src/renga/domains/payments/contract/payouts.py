"""Where merchants are paid out to, when, and the payouts with their statements."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from renga.kernel.money import Money

PayoutRhythm = Literal["daily", "weekly", "monthly"]
#: ``carried``: nothing was paid out, the balance goes on to the next statement. ``model/payout_states.py`` has the moves.
PayoutState = Literal["carried", "scheduled", "sent", "paid", "failed", "returned"]
#: Why the whole balance was not paid out.
HoldReason = Literal["negative", "minimum", "unverified", "paused", "no_account", "not_available"]

PAYOUTS_PAGE_MAX = 100
STATEMENT_LINES_MAX = 1_000
DELAY_DAYS_MAX = 120

_Digits = Annotated[str, Meta(min_length=1, max_length=20, pattern="^[0-9]+(-?[0-9X])?$")]


class BrazilianAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="bank_br"):
    """An account at a Brazilian bank: ``bank`` is its three-digit code, ``branch`` and ``number`` with check digits."""

    bank: Annotated[str, Meta(pattern="^[0-9]{3}$")]
    branch: Annotated[str, Meta(pattern="^[0-9]{4}(-[0-9X])?$")]
    number: _Digits


class IbanAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="iban"):
    """An account by its IBAN (ISO 13616), without spaces."""

    iban: Annotated[str, Meta(min_length=15, max_length=34, pattern="^[A-Z]{2}[0-9]{2}[A-Z0-9]+$")]


class PixAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="pix"):
    """An account by a Pix key: CPF, CNPJ, phone, e-mail address or random key."""

    key: Annotated[str, Meta(min_length=5, max_length=77)]


BankDetails = BrazilianAccount | IbanAccount | PixAccount


class PayoutAccountDraft(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a merchant wants its money. ``tax_id``: digits and capital letters of the holder's CPF, CNPJ or VAT number."""

    holder: Annotated[str, Meta(min_length=1, max_length=140)]
    tax_id: Annotated[str, Meta(pattern="^[A-Z0-9]{5,20}$")]
    account: BankDetails


class PayoutAccount(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payout account as it is shown: of numbers only the last four characters.

    ``verified``: finance has checked that it is the merchant's. ``resumes_at``: after a change nothing is paid out before.
    """

    merchant: str
    kind: Literal["bank_br", "iban", "pix"]
    holder: str
    tax_id_last: str
    account_last: str
    bank: str | None = None
    verified: bool = False
    version: int = 1
    changed_at: str = ""
    resumes_at: str | None = None


class PayoutSchedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a merchant is paid. ``weekday`` (1: Monday) counts for weekly, ``month_day`` for monthly payouts.

    ``minimum`` by currency: less is carried to the next one. ``delay_days``: how long after its capture a sale stays back.
    """

    every: PayoutRhythm = "weekly"
    weekday: Annotated[int, Meta(ge=1, le=7)] = 1
    month_day: Annotated[int, Meta(ge=1, le=28)] = 1
    minimum: Annotated[dict[str, int], Meta(max_length=20)] = {}
    delay_days: Annotated[int, Meta(ge=0, le=DELAY_DAYS_MAX)] = 7


class Payout(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payout of one merchant in one currency, for what happened from ``from_day`` to the end of the day before ``to_day``.

    ``held``: what was not paid out though it is the merchant's (not available yet, in dispute), ``reason`` why nothing was.
    """

    id: str
    merchant: str
    amount: Money
    state: PayoutState
    from_day: str | None
    to_day: str
    held: Money
    reason: HoldReason | None = None
    detail: str = ""
    created_at: str
    changed_at: str


class PayoutPage(Struct, frozen=True, kw_only=True):
    """Newest first. ``next`` continues."""

    items: tuple[Payout, ...]
    next: str | None = None


class PayoutMove(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of a payout: sent to the bank, paid, failed, or its money is back and is the merchant's again."""

    state: Literal["sent", "paid", "failed", "returned"]
    detail: Annotated[str, Meta(max_length=500)] = ""


class PayoutRun(Struct, frozen=True, kw_only=True):
    """What a run did: payouts that it made, and statements that carry a balance on."""

    day: str
    payouts: tuple[Payout, ...]


StatementKind = Literal["sale", "commission", "refund", "dispute", "adjustment", "payout_returned"]


class StatementLine(Struct, frozen=True, kw_only=True):
    """One entry of the merchant's account; ``amount`` is positive if the merchant gets it."""

    at: str
    kind: StatementKind
    reference: str
    amount: int


class PayoutStatement(Struct, frozen=True, kw_only=True):
    """The statement of a payout, in minor units of ``currency``; what the merchant gets is positive:
    ``opening + sales + commission + refunds + disputes + adjustments + returned_payouts + paid_out = closing``.

    ``commission`` is negative (less what refunds gave back), ``paid_out`` too. ``closing`` is carried to the next statement.
    ``lines``: a part of the entries; ``next`` continues. All lines sum to what is between ``opening`` and ``paid_out``.
    """

    payout: Payout
    currency: str
    opening: int
    sales: int
    commission: int
    refunds: int
    disputes: int
    adjustments: int
    returned_payouts: int
    paid_out: int
    closing: int
    lines: tuple[StatementLine, ...] = ()
    next: str | None = None
