"""Refunds that name whose money is given back."""

from collections.abc import Sequence

from renga.domains.payments.contract.errors import AmountExceeded, PaymentInvalid
from renga.domains.payments.contract.payments import SHARES_MAX
from renga.domains.payments.contract.service import RefundRequest, RefundShare
from renga.domains.payments.model.checking import check_amount, check_text
from renga.domains.payments.model.means import StoredShare


def checked_amount(request: RefundRequest) -> int | None:
    """What is asked for; None: all that is left. Raises PaymentInvalid."""
    if request.amount is not None:
        check_amount(request.amount, "amount")
    if not request.shares:
        return request.amount
    if len(request.shares) > SHARES_MAX:
        raise PaymentInvalid(f"a refund has at most {SHARES_MAX} shares", field="shares")
    for place, one in enumerate(request.shares):
        check_amount(one.amount, f"shares[{place}].amount")
        for name in ("merchant", "category"):
            value = getattr(one, name)
            if value is not None:
                check_text(value, f"shares[{place}].{name}")
    total = sum(one.amount for one in request.shares)
    check_amount(total, "shares")
    if request.amount is not None and total != request.amount:
        raise PaymentInvalid("the shares do not sum to the amount", field="shares")
    return total


def named_parts(shares: Sequence[StoredShare], named: Sequence[RefundShare]) -> tuple[int, ...]:
    """What each share gives back. Several shares with the same names give one after the other.

    Raises PaymentInvalid (no share has these names), AmountExceeded (they do not have so much).
    """
    parts = [0] * len(shares)
    for place, wanted in enumerate(named):
        fitting = [at for at, share in enumerate(shares) if _fits(share, wanted)]
        if not fitting:
            raise PaymentInvalid("the payment has no such share", field=f"shares[{place}]")
        rooms = {at: shares[at].captured - shares[at].refunded - parts[at] for at in fitting}
        rest = wanted.amount
        for at, room in rooms.items():
            take = min(room, rest)
            parts[at] += take
            rest -= take
        if rest:
            raise AmountExceeded("more than these shares have left", left=sum(rooms.values()))
    return tuple(parts)


def _fits(share: StoredShare, wanted: RefundShare) -> bool:
    if share.merchant != wanted.merchant:
        return False
    if wanted.category is not None and share.category != wanted.category:
        return False
    return share.kind == wanted.kind or (share.kind == "platform" and wanted.kind == "sale")
