"""A single product's document is taken as the OpenAPI document says; files may be looser."""

from typing import Any

import pytest

from renga.domains.catalog.contract import RowInvalid
from renga.domains.catalog.rows.drafts import draft_of
from renga.domains.catalog.rows.exact import check_exact
from tests.catalog.shop import row

DAY = "2027-01-01"
LOOSE: dict[str, dict[str, Any]] = {
    "variants[0].sku": {"variants": [{"sku": 0}]},
    "variants[1].gtin": {"variants": [{"sku": "A"}, {"sku": "B", "gtin": 96385074}]},
    "variants[0].bundle[0].sku": {"variants": [{"sku": "A", "bundle": [{"sku": 7, "quantity": 1}]}]},
    "external_id": {"external_id": 42},
    "publications[0].until_at": {"publications": [{"channel": "web", "until_at": DAY}]},
    "variants[0].price_list[0].from_at": {
        "variants": [{"sku": "A", "price_list": [{"currency": "BRL", "amount": 1, "from_at": DAY}]}]
    },
    "scheduled[0].at": {
        "variants": [{"sku": "A"}],
        "scheduled": [{"sku": "A", "currency": "BRL", "amount": 1, "at": DAY}],
    },
}


@pytest.mark.parametrize("field", LOOSE)
def test_what_a_file_may_write_is_refused_in_a_document_by_its_path(field: str) -> None:
    loose = row(**LOOSE[field])
    draft_of(loose)
    with pytest.raises(RowInvalid) as refusal:
        check_exact(loose)
    assert [named for named, _ in refusal.value.problems] == [field]


@pytest.mark.parametrize("value", [None, 7, "x", {"a": 1}, [None], [[]], [{}], True])
def test_other_shapes_are_left_to_the_reading_of_the_row(value: Any) -> None:
    for member in ("variants", "publications", "scheduled"):
        check_exact(row(**{member: value}))
    check_exact(row(external_id=True))
