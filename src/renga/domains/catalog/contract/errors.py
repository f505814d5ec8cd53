"""Errors of the catalogue's contract."""

from collections.abc import Mapping, Sequence

from renga.kernel.card_numbers import CardNumberGiven
from renga.kernel.errors import Conflict, Invalid, NotFound, PreconditionFailed, Unprocessable


class ProductNotFound(NotFound):
    code = "product_not_found"
    title = "There is no such product"


class CategoryNotFound(NotFound):
    code = "category_not_found"
    title = "There is no such category"


class CollectionNotFound(NotFound):
    code = "collection_not_found"
    title = "There is no such collection"


class ProductTypeNotFound(NotFound):
    code = "product_type_not_found"
    title = "There is no such product type"


class CursorInvalid(Invalid):
    code = "cursor_invalid"
    title = "This cursor was not made by this list"


class ProductChanged(Conflict):
    """A concurrent write changed one of these products, or took one of these slugs or skus. Nothing was written."""

    code = "product_changed"
    title = "The product was changed by someone else at the same time"


class VersionMismatch(PreconditionFailed):
    """The current ``version`` (0: it does not exist) is not the expected one. Nothing was written."""

    code = "version_mismatch"
    title = "It was changed since you read it"

    def __init__(self, detail: str = "", *, version: int) -> None:
        super().__init__(detail, version=version)
        self.version = version


class ProductSlugTaken(Conflict):
    code = "product_slug_taken"
    title = "A product has this slug already"


class CategoryCycle(Conflict):
    code = "category_cycle"
    title = "A category cannot stand below itself"


class RowInvalid(Unprocessable):
    """``problems`` names each wrong field with the reason: ``[(field, reason), …]``."""

    code = "product_invalid"
    title = "The product is not valid"

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        field, reason = problems[0]
        super().__init__(f"{field}: {reason}", problems=[{"field": f, "reason": r} for f, r in problems])
        self.problems = problems


class CardNumberInRow(RowInvalid, CardNumberGiven):
    """A text of the product, none of its identifiers, has what looks like the number of a payment card."""

    code = "card_number_refused"
    title = "Card numbers are not taken here"


class BundlePartForeign(Unprocessable):
    """``parts`` are fields and skus: ``[("variants[0].bundle[1].sku", "MUG"), …]``."""

    code = "bundle_part_foreign"
    title = "A bundle holds only skus of the same merchant"

    def __init__(self, parts: Sequence[tuple[str, str]]) -> None:
        problems = [{"field": field, "reason": self.reason(sku)} for field, sku in parts]
        super().__init__(f"{problems[0]['field']}: {problems[0]['reason']}", problems=problems)

    @staticmethod
    def reason(sku: str) -> str:
        """The same for skus of others and skus that do not exist."""
        return f"{sku!r} is no sku of this merchant's products"


class TaxonomyInvalid(Unprocessable):
    """``problems`` names each wrong field with the reason, as ``RowInvalid`` does."""

    code = "shelf_invalid"
    title = "The category, collection or product type is not valid"

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        field, reason = problems[0]
        super().__init__(f"{field}: {reason}", problems=[{"field": f, "reason": r} for f, r in problems])
        self.problems = problems


class SkuNotFound(NotFound):
    code = "sku_not_found"
    title = "There is no such sku"


class PriceOutOfRange(Unprocessable):
    code = "price_out_of_range"
    title = "The price is out of range"


class MomentInvalid(Unprocessable):
    code = "moment_invalid"
    title = "This is no moment of RFC 3339 with its offset from UTC"


class TooManyScheduled(Unprocessable):
    code = "too_many_scheduled"
    title = "A product has so many price changes to come already"


class SkuTaken(Conflict):
    """``taken`` maps each sku that belongs to another product to two slugs: (product in the request, owner)."""

    code = "sku_taken"
    title = "A sku belongs to exactly one product"

    def __init__(self, taken: Mapping[str, tuple[str, str]]) -> None:
        sku, (wanted_by, owner) = next(iter(taken.items()))
        super().__init__(f"sku {sku!r} of {wanted_by!r} already belongs to {owner!r}", skus=list(taken))
        self.taken = dict(taken)


class CategoryInUse(Conflict):
    code = "category_in_use"
    title = "Other categories stand below this one"


class ProductTypeInUse(Conflict):
    code = "product_type_in_use"
    title = "Products are of this type"
