"""The skus of lines that this process has seen, so that a change of a line's quantity can look at the stock of its sku."""

#: Number of lines kept; when it is full, all are forgotten. A line that is not kept costs one read of the cart.
LINES_MAX = 100_000


class LineSkus:
    """The same line id is the same sku in every cart."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def of(self, line: str) -> str | None:
        return self._kept.get(line)

    def forget(self) -> None:
        """Forget all lines."""
        self._kept.clear()

    def remember(self, line: str, sku: str) -> None:
        if len(self._kept) >= LINES_MAX:
            self.forget()
        self._kept[line] = sku
