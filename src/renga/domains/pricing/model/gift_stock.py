"""What there is of a gift, and whose it is."""

import msgspec


class GiftStock(msgspec.Struct, frozen=True, gc=False):
    """``milli``: thousandths of a unit that are left after the lines; None: not limited."""

    merchant: str
    milli: int | None
