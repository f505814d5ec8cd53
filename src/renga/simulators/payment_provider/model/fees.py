"""What the provider takes, and when it pays out: pure integers, rounded half up, remainders to the first part."""

from datetime import date, timedelta
from typing import Literal

import msgspec

from renga.simulators.payment_provider.model.charge import CapturedPart, Charge, SettledLine, SplitPart

#: Days between instalments; the first one of several comes after as many.
INSTALMENT_DAYS = 30
INSTALMENTS_MAX = 24


class FeeTable(msgspec.Struct, frozen=True, kw_only=True):
    """Basis points of the amount, or minor units for each (boleto)."""

    card_bp: int = 299
    pix_bp: int = 99
    boleto_each: int = 199
    instalment_bp: int = 150


def share_bp(amount: int, basis_points: int) -> int:
    """Basis points of an amount, rounded half up."""
    return (amount * basis_points + 5_000) // 10_000


def instalment_fee(amount: int, count: int, fees: FeeTable) -> int:
    """The fee of paying in several instalments: so many basis points for each after the first."""
    return share_bp(amount, fees.instalment_bp * (count - 1))


def parts_of(amount: int, count: int) -> list[int]:
    """An amount in equal parts; what is left over is the first part's."""
    each, rest = divmod(amount, count)
    return [each + rest, *([each] * (count - 1))]


def day_of(at_ms: int) -> str:
    """The day (UTC) of a time."""
    return _date_of(at_ms).isoformat()


def _date_of(at_ms: int) -> date:
    return date(1970, 1, 1) + timedelta(days=at_ms // 86_400_000)


def capture_lines(charge: Charge, part: CapturedPart, fees: FeeTable) -> tuple[SettledLine, ...]:
    """How a capture is paid out: at once on its day, or an instalment every thirty days."""
    count = charge.instalments.count if charge.instalments else 1
    fee = _fee_of(charge, part.amount, count, fees)
    first = _date_of(part.at_ms)
    taken = sum(one.amount for one in charge.captures if one.id != part.id)
    lines = []
    for number, (gross, cut) in enumerate(zip(parts_of(part.amount, count), parts_of(fee, count), strict=True), 1):
        day = first if count == 1 else first + timedelta(days=INSTALMENT_DAYS * number)
        split = _split(charge, taken, taken + gross)
        taken += gross
        lines.append(
            SettledLine(
                id=f"sl_{part.id}_{number}", day=day.isoformat(), kind="capture", gross=gross, fee=cut,
                net=gross - cut, number=number, of=count, split=split,
            )
        )  # fmt: skip
    return tuple(lines)


def _fee_of(charge: Charge, amount: int, count: int, fees: FeeTable) -> int:
    if charge.method == "pix":
        return share_bp(amount, fees.pix_bp)
    if charge.method == "boleto":
        return min(fees.boleto_each, amount)
    fee = share_bp(amount, fees.card_bp)
    if charge.instalments and charge.instalments.funded_by == "shop":
        fee += instalment_fee(amount, count, fees)
    return min(fee, amount)


def _split(charge: Charge, before: int, after: int) -> tuple[SplitPart, ...]:
    """What recipients get of the money between two totals of the payment: all parts sum to each recipient's amount."""
    return tuple(
        SplitPart(recipient=one.recipient, amount=_upto(one, after, charge) - _upto(one, before, charge))
        for one in charge.split
    )


def _upto(one: SplitPart, total: int, charge: Charge) -> int:
    return one.amount * min(total, charge.amount) // charge.amount


def plain_line(
    identity: str, at_ms: int, kind: Literal["refund", "dispute", "dispute_won"], amount: int
) -> SettledLine:
    """A line without fee: a refund or a dispute (negative), a dispute that was won."""
    return SettledLine(id=f"sl_{identity}", day=day_of(at_ms), kind=kind, gross=amount, fee=0, net=amount)
