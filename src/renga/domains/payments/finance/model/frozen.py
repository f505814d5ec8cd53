"""What a merchant would lose if open disputes of a payment were lost."""

from collections.abc import Sequence

from renga.domains.payments.model import shares as dividing
from renga.domains.payments.model.means import StoredShare


def disputed_shares(shares: Sequence[StoredShare], amounts: Sequence[int]) -> dict[str, int]:
    """By merchant, without the commission that would be given back. ``amounts``: of the open disputes of the payment."""
    before = after = tuple(shares)
    for amount in amounts:
        parts, _ = dividing.divide_refund(after, amount)
        after = dividing.refunded(after, parts)
    lost: dict[str, int] = {}
    for old, new in zip(before, after, strict=True):
        taken = new.refunded - old.refunded
        returned = dividing.commission_kept(old) - dividing.commission_kept(new)
        if new.merchant is not None and taken:
            lost[new.merchant] = lost.get(new.merchant, 0) + taken - returned
    return lost
