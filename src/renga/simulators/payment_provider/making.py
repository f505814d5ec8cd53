"""Makes payments of what a shop asks for: cards by token, saved method or earlier payment; Pix; boletos."""

import secrets
from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from renga.kernel.money import CURRENCIES
from renga.simulators.payment_provider.desk import ProviderDesk, new_token
from renga.simulators.payment_provider.formulas import boleto
from renga.simulators.payment_provider.formulas.brcode import static_code
from renga.simulators.payment_provider.model.card_numbers import CardFace
from renga.simulators.payment_provider.model.charge import (
    BoletoTerms,
    Charge,
    ChargeChange,
    InstalmentTerms,
    LogMove,
    PixTerms,
    ProviderProblem,
)
from renga.simulators.payment_provider.model.deciding import authorised, voided
from renga.simulators.payment_provider.model.fees import instalment_fee
from renga.simulators.payment_provider.requests import NewCharge

#: Most that the standards' fields hold, in cents.
PIX_CENTS_MAX = 999_999_999_999
BANK = "999"
DUE_DAYS, DUE_DAYS_MAX = 3, 365
#: The end of a day in Brasília (UTC-3, without summer time since 2019), after midnight in UTC.
_END_OF_DAY_MS = (24 + 3) * 3_600_000
RECEIVER, CITY = "RENGA TESTE", "SAO PAULO"


class TokenRefused(Exception):
    """The token or saved method cannot be used: a refusal, not an error of the request."""


def invalid(detail: str, field: str) -> ProviderProblem:
    return ProviderProblem(422, "invalid_request", detail, field=field)


def made(desk: ProviderDesk, wish: NewCharge, key: str) -> ChargeChange:
    """A new payment, written. Raises ProviderProblem, TokenRefused."""
    _check(wish)
    now_ms = desk.now_ms()
    charge = Charge(
        id=new_token("pay"), method=wish.method, state="pending", amount=wish.amount, currency=wish.currency, created_ms=now_ms,
        changed_ms=now_ms, key=key, reference=wish.reference, metadata=wish.metadata, capture=wish.capture, split=wish.split,
        return_url=wish.return_url, payer=wish.payer.name,
    )  # fmt: skip
    if wish.method == "card":
        return _by_card(desk, wish, charge, key)
    charge = replace(charge, behaviour=wish.behaviour or "approved")
    charge = _pix(desk, wish, charge) if wish.method == "pix" else _boleto(wish, charge)
    change = ChargeChange(
        charge=charge,
        outcome="pending",
        moves=(LogMove(kind="authorise", amount=charge.amount, outcome="pending"),),
    )
    desk.write(change, key=key)
    return change


def _check(wish: NewCharge) -> None:
    if wish.currency not in CURRENCIES:
        raise invalid("currency is not an active one of ISO 4217", "currency")
    if sum(part.amount for part in wish.split) > wish.amount or any(part.amount < 1 for part in wish.split):
        raise invalid("the parts of a split are positive and sum to the amount at most", "split")
    if len(wish.metadata) > 20:
        raise invalid("metadata has at most 20 members", "metadata")
    if wish.amount == 0 and not (wish.method == "card" and wish.save and not wish.capture and not wish.instalments):
        raise invalid("amount is at least 1; only a card that is saved and not charged has 0", "amount")
    if wish.method == "card":
        ways = (wish.token is not None) + (wish.saved_method is not None)
        if ways > 1 or (not ways and wish.previous is None):
            raise invalid("a card needs token or saved_method, or previous", "token")
        if wish.behaviour is not None:
            raise invalid("a card's number says how it behaves", "behaviour")
    elif wish.currency != "BRL":
        raise invalid(f"{wish.method} is in BRL", "currency")
    elif wish.token or wish.saved_method or wish.previous or wish.save or wish.instalments:
        raise invalid(f"{wish.method} takes no card and no instalments", "method")


def _by_card(desk: ProviderDesk, wish: NewCharge, charge: Charge, key: str) -> ChargeChange:
    previous = desk.charges.find(wish.previous) if wish.previous else None
    card = _card_of(desk, wish, previous)
    terms = _instalments(desk, wish)
    challenged = card.behaviour in ("challenge", "challenge_declined") and not wish.recurring and previous is None
    saved = new_token("card") if wish.save else wish.saved_method
    charge = replace(
        charge, card=card, behaviour=card.behaviour, state="action_needed" if challenged else "pending", instalments=terms,
        saved=saved,
    )  # fmt: skip
    change = authorised(charge, charge.created_ms, new_token("cap"), desk.fees, desk.timing)
    if change.outcome == "refused":
        change = replace(change, charge=replace(change.charge, saved=wish.saved_method))
    desk.write(change, key=key)
    if wish.token:
        desk.records.use_token(wish.token, charge.id)
    if wish.save and change.charge.saved:
        desk.records.save_card(change.charge.saved, card, charge.created_ms)
    if previous is not None and change.outcome == "accepted" and previous.state == "authorised":
        desk.write(voided(previous, charge.created_ms), key=key)
    return change


def _card_of(desk: ProviderDesk, wish: NewCharge, previous: Charge | None) -> CardFace:
    card: CardFace | None = None
    if wish.token:
        card = desk.records.look_at_token(wish.token, desk.now_ms())
    elif wish.saved_method:
        card = desk.records.saved_card(wish.saved_method)
    elif previous is not None:
        card = previous.card
    if card is None:
        raise TokenRefused
    return card


def _instalments(desk: ProviderDesk, wish: NewCharge) -> InstalmentTerms | None:
    if wish.instalments is None or wish.instalments.count == 1:
        return None
    count = wish.instalments.count
    if wish.amount < count:
        raise invalid("each instalment is at least one minor unit", "instalments")
    by = wish.instalments.funded_by or ("buyer" if desk.settings.instalments_funded_by == "buyer" else "shop")
    fee = instalment_fee(wish.amount, count, desk.fees)
    if by == "buyer" and wish.instalments.fee is not None:
        fee = wish.instalments.fee
    return InstalmentTerms(count=count, funded_by=by, fee=fee, total=wish.amount + (fee if by == "buyer" else 0))


def _pix(desk: ProviderDesk, wish: NewCharge, charge: Charge) -> Charge:
    if wish.amount > PIX_CENTS_MAX:
        raise invalid(f"a Pix has at most {PIX_CENTS_MAX} cents", "amount")
    txid = "R" + charge.id.removeprefix("pay_").upper()
    key = desk.settings.pix_key
    payload = static_code(key=key, name=RECEIVER, city=CITY, amount=decimal_text(wish.amount), txid=txid)
    expires = charge.created_ms + wish.expires_in_s * 1_000
    return replace(charge, pix=PixTerms(txid=txid, payload=payload, key=key), expires_ms=expires)


def _boleto(wish: NewCharge, charge: Charge) -> Charge:
    if wish.amount > boleto.CENTS_MAX:
        raise invalid(f"a boleto has at most {boleto.CENTS_MAX} cents", "amount")
    today = datetime.fromtimestamp(charge.created_ms / 1_000 - 3 * 3_600, UTC).date()
    due = today + timedelta(days=DUE_DAYS) if wish.due_on is None else day_from(wish.due_on, "due_on")
    if not today <= due <= today + timedelta(days=DUE_DAYS_MAX):
        raise invalid(f"a boleto is due today, or at most {DUE_DAYS_MAX} days later", "due_on")
    free = f"{secrets.randbelow(10**25):025d}"
    code = boleto.barcode(bank=BANK, due=due, cents=wish.amount, free=free)
    terms = BoletoTerms(line=boleto.line_of(code), barcode=code, due_on=due.isoformat())
    return replace(charge, boleto=terms, expires_ms=end_of_day_ms(due))


def end_of_day_ms(day: date) -> int:
    """The end of a day in Brasília."""
    return (day - date(1970, 1, 1)).days * 86_400_000 + _END_OF_DAY_MS


def day_from(text: str, field: str) -> date:
    """A date (YYYY-MM-DD). Raises ProviderProblem."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise invalid(f"{field} is a date like 2026-11-30", field) from None
    if day.isoformat() != text or not 2000 <= day.year <= 2200:
        raise invalid(f"{field} is a date like 2026-11-30", field)
    return day


def decimal_text(cents: int) -> str:
    """``1234`` as ``12.34``."""
    return f"{cents // 100}.{cents % 100:02d}"
