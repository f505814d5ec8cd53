"""The types by which the document describes rows name what the readers of rows take, and nothing else."""

import msgspec
import pytest

from renga.domains.catalog.contract import ProductType, TaxonomyInvalid
from renga.domains.catalog.model import limits
from renga.domains.catalog.rest import documents, examples
from renga.domains.catalog.rows.drafts import draft_of
from renga.domains.catalog.rows.members import MEMBERS
from renga.domains.catalog.rows.native import KEPT
from renga.domains.catalog.rows.taxonomy import category_of, collection_of, product_type_of

SHELVES = [
    (category_of, documents.CategoryRow, documents.CategoryPatch),
    (collection_of, documents.CollectionRow, documents.CollectionPatch),
    (product_type_of, documents.ProductTypeRow, documents.ProductTypePatch),
]


def test_a_products_row_and_patch_name_every_member() -> None:
    assert set(documents.ProductRow.__struct_fields__) == MEMBERS - KEPT
    assert set(documents.ProductPatch.__struct_fields__) == MEMBERS - KEPT


@pytest.mark.parametrize(("read", "row", "patch"), SHELVES)
def test_a_shelfs_row_and_patch_name_what_is_read(
    read: object, row: type[msgspec.Struct], patch: type[msgspec.Struct]
) -> None:
    assert callable(read)
    assert set(patch.__struct_fields__) == set(row.__struct_fields__)
    with pytest.raises(TaxonomyInvalid) as refused:
        read("one", {"title": "One", "unheard_of": 1})
    listed = str(refused.value).rpartition("those are ")[2].split(", ")
    assert set(listed) - {"version"} == set(row.__struct_fields__)


def test_the_examples_are_rows_as_documented_and_as_read() -> None:
    msgspec.convert(examples.PRODUCT, documents.ProductRow)
    assert draft_of(examples.PRODUCT).slug == examples.PRODUCT["slug"]
    msgspec.convert(examples.CATEGORY, documents.CategoryRow)
    msgspec.convert(examples.COLLECTION, documents.CollectionRow)
    msgspec.convert(examples.PRODUCT_TYPE, documents.ProductTypeRow)
    made = product_type_of("mug", examples.PRODUCT_TYPE)
    assert isinstance(made, ProductType)
    assert len(made.attributes) <= limits.ATTRIBUTE_TYPES_MAX
