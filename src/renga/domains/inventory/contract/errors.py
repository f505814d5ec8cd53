"""Errors of the inventory's contract."""

from collections.abc import Mapping

import msgspec

from renga.kernel.errors import Conflict, Invalid, NotFound, Unprocessable


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a sku: quantities in thousandths of a unit."""

    sku: str
    wanted_milli: int
    available_milli: int


class NotEnoughStock(Unprocessable):
    """Nothing was reserved. ``left`` says what is left of each sku that is short, by the sku that was asked for.

    In the problem document: ``"left": [{"sku": "MUG", "wanted": 3, "available": 1.5}]``.
    """

    code = "not_enough_stock"
    title = "There is not enough in stock"

    def __init__(self, left: Mapping[str, Left]) -> None:
        super().__init__(
            f"there is not enough in stock of {', '.join(list(left)[:5])}",
            left=[
                {"sku": one.sku, "wanted": one.wanted_milli / 1000, "available": one.available_milli / 1000}
                for one in left.values()
            ],
        )
        self.left = dict(left)


class ReservationNotFound(NotFound):
    code = "reservation_not_found"
    title = "There is no such reservation"


class ReservationState(Conflict):
    """The state machine has no such move. ``state`` is the present state."""

    code = "reservation_state"
    title = "The reservation's state does not allow this"

    def __init__(self, detail: str, *, state: str) -> None:
        super().__init__(detail, state=state)
        self.state = state


class ReservationInvalid(Unprocessable):
    code = "reservation_invalid"
    title = "This is no reservation"


class StockQuantityInvalid(Unprocessable):
    code = "stock_quantity_invalid"
    title = "This is no quantity"


class LevelInvalid(Unprocessable):
    code = "level_invalid"
    title = "This is no level of stock"


class LevelNotFound(NotFound):
    """The sku has no level: it is not counted, and the catalogue's declared availability decides."""

    code = "level_not_found"
    title = "This sku is not counted"


class BundleNotCounted(Unprocessable):
    code = "bundle_not_counted"
    title = "A bundle is counted by its parts"


class LocationNotFound(NotFound):
    code = "location_not_found"
    title = "There is no such location"


class LocationInvalid(Unprocessable):
    code = "location_invalid"
    title = "This is no location"


class CountNotFound(NotFound):
    code = "count_not_found"
    title = "There is no such stock count"


class CountClosed(Conflict):
    code = "count_closed"
    title = "This stock count is closed"


class CountChanged(Conflict):
    """Nothing was applied. Apply the count again."""

    code = "count_changed"
    title = "Somebody has counted on meanwhile"


class StockImportRefused(Unprocessable):
    """Nothing was written. ``problems`` names each wrong line (at most PROBLEMS_MAX) with the reason."""

    code = "stock_import_invalid"
    title = "The file has invalid lines"


class SkusInvalid(Invalid):
    code = "skus_invalid"
    title = "These are no skus, or too many"
