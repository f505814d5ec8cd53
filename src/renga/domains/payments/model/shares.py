"""How money is divided among the shares of a payment, exact to the minor unit over any sequence of captures and refunds."""

from collections.abc import Sequence

import msgspec

from renga.domains.payments.contract.payments import Share
from renga.domains.payments.model.means import StoredShare
from renga.kernel.money import Money

#: Shares with what each one gets (or gives back), and what no share has room for.
Divided = tuple[tuple[int, ...], int]


def stored_shares(shares: Sequence[Share], commissions: Sequence[int], amount: int) -> tuple[StoredShare, ...]:
    """The shares, and what they leave as the shop's own."""
    stored = [
        StoredShare(
            kind=one.kind, amount=one.amount, merchant=one.merchant, category=one.category, commission=commission
        )
        for one, commission in zip(shares, commissions, strict=True)
    ]
    rest = amount - sum(one.amount for one in shares)
    return (*stored, StoredShare(kind="platform", amount=rest)) if rest else tuple(stored)


def divide_capture(shares: Sequence[StoredShare], amount: int) -> Divided:
    """Proportional to what each share has not got yet."""
    return _divide([one.amount - one.captured for one in shares], amount)


def divide_refund(shares: Sequence[StoredShare], amount: int) -> Divided:
    """Proportional to what each share still has."""
    return _divide([one.captured - one.refunded for one in shares], amount)


def _divide(room: Sequence[int], amount: int) -> Divided:
    """Sequential allocation by what is left: no part is negative or more than its room, and the last one takes all."""
    fits = min(amount, sum(room))
    if not fits:
        return (0,) * len(room), amount
    return tuple(part.amount for part in Money(fits, "XXX").allocate(room)), amount - fits


def captured(shares: Sequence[StoredShare], parts: Sequence[int]) -> tuple[StoredShare, ...]:
    """The shares after they got their parts."""
    return tuple(
        msgspec.structs.replace(one, captured=one.captured + part) for one, part in zip(shares, parts, strict=True)
    )


def refunded(shares: Sequence[StoredShare], parts: Sequence[int]) -> tuple[StoredShare, ...]:
    """The shares after they gave their parts back (negative parts: they have them again)."""
    return tuple(
        msgspec.structs.replace(one, refunded=one.refunded + part) for one, part in zip(shares, parts, strict=True)
    )


def commission_kept(share: StoredShare) -> int:
    """The commission of what a share has got and not given back; nothing of it is lost or made by rounding on the way."""
    if not share.amount:
        return 0
    got = share.commission * min(share.captured, share.amount) // share.amount
    returned = share.commission * min(share.refunded, share.amount) // share.amount
    return got - returned
