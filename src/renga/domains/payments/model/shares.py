"""How money is divided among the shares of a payment, exact to the minor unit over any sequence of captures and refunds."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.domains.payments.contract.payments import Share
from renga.domains.payments.model.means import StoredShare
from renga.kernel.money import Money

#: Shares with what each one gets (or gives back), and what no share has room for.
Divided = tuple[tuple[int, ...], int]


class CommissionRates(Protocol):
    """What the shop takes of merchants' sales. Pure: the rules were read before."""

    def commission_of(self, share: Share, currency: str, at_ms: int) -> int:
        """Minor units of the share's amount, from 0 to all of it, by the rules of a time."""
        ...


class NoCommission(msgspec.Struct, frozen=True):
    """Takes nothing."""

    def commission_of(self, share: Share, currency: str, at_ms: int) -> int:
        return 0


class Rating(msgspec.Struct, frozen=True):
    """The rules of commission for a capture."""

    rates: CommissionRates = NoCommission()
    currency: str = ""
    at_ms: int = 0

    def commission(self, share: StoredShare) -> int:
        """Of all that the share got, if it got it now."""
        if share.kind != "sale" or not share.captured:
            return 0
        got = Share(amount=share.captured, merchant=share.merchant, category=share.category)
        return self.rates.commission_of(got, self.currency, self.at_ms)


FREE = Rating()


def stored_shares(shares: Sequence[Share], amount: int) -> tuple[StoredShare, ...]:
    """The shares, and what they leave as the shop's own."""
    stored = [
        StoredShare(kind=one.kind, amount=one.amount, merchant=one.merchant, category=one.category) for one in shares
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


def captured(shares: Sequence[StoredShare], parts: Sequence[int], rating: Rating = FREE) -> tuple[StoredShare, ...]:
    """The shares after they got their parts. Each capture is rated by the rules of its time, and what was captured before keeps
    its commission: a part costs what it adds to that of the whole.
    """
    return tuple(_captured(one, part, rating) for one, part in zip(shares, parts, strict=True))


def _captured(share: StoredShare, part: int, rating: Rating) -> StoredShare:
    if not part:
        return share
    after = msgspec.structs.replace(share, captured=share.captured + part)
    more = rating.commission(after) - rating.commission(share)
    return msgspec.structs.replace(after, commission=share.commission + min(max(more, 0), part))


def refunded(shares: Sequence[StoredShare], parts: Sequence[int]) -> tuple[StoredShare, ...]:
    """The shares after they gave their parts back (negative parts: they have them again)."""
    return tuple(
        msgspec.structs.replace(one, refunded=one.refunded + part) for one, part in zip(shares, parts, strict=True)
    )


def commission_kept(share: StoredShare) -> int:
    """The commission of what a share has got and not given back; nothing of it is lost or made by rounding on the way."""
    if not share.captured:
        return 0
    return share.commission - share.commission * min(share.refunded, share.captured) // share.captured
