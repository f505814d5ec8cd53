"""What can go wrong with the catalogue, as others see it."""

from renga.kernel.errors import Conflict, Invalid, NotFound, PreconditionFailed


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
    """Someone else wrote one of these products, or took one of these slugs or skus, meanwhile. Nothing was written."""

    code = "product_changed"
    title = "The product was changed by someone else at the same time"


class VersionMismatch(PreconditionFailed):
    """It is at ``version`` (0: it is not there), not at the expected one. Nothing was written."""

    code = "version_mismatch"
    title = "It was changed since you read it"

    def __init__(self, detail: str = "", *, version: int) -> None:
        super().__init__(detail, version=version)
        self.version = version


class SlugTaken(Conflict):
    code = "product_slug_taken"
    title = "A product has this slug already"


class CategoryCycle(Conflict):
    code = "category_cycle"
    title = "A category cannot stand below itself"
