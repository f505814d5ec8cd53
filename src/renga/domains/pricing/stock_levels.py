"""What is there of counted skus, as quotes need it: the inventory's answer, if it runs in this process."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class StockAvailability(Protocol):
    """Levels as stored now."""

    async def available(self, skus: Sequence[str]) -> Mapping[str, int | None]:
        """Thousandths of a unit that can be sold of each counted sku; None: without limit. Raises Unavailable."""
        ...


class NothingCounted:
    """Implements ``StockAvailability`` where no inventory runs: the catalogue's declared availability decides."""

    async def available(self, skus: Sequence[str]) -> Mapping[str, int | None]:
        return {}
