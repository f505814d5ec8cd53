"""Pure: the OpenAPI description of the filter parameters, by name or by a pattern of names."""

from typing import Any

from renga.domains.search.asking import VALUE_CHARS_MAX
from renga.domains.search.contract import VALUES_MAX

#: ``option.<code>``, ``attribute.<code>``; bounds of numbers end with ``.from`` and ``.to``.
CODED_PATTERN = r"^(option|attribute)\.[^=&]+$"
_CODED = (
    "Facets by code, one parameter each: `option.<code>=` and `attribute.<code>=` (any of several values), for "
    "numbers `attribute.<code>.from=` and `attribute.<code>.to=` (both inclusive)."
)


def filter_parameters() -> list[dict[str, Any]]:
    """The filter parameters; other parameters are in the handler's signature."""
    return [
        _values("brand", "Brands."),
        _values("category", "Slugs of categories; subcategories are included."),
        _values("merchant", "Ids of merchants."),
        _values("type", "Codes of product types."),
        _values("availability", "`in_stock`, `out_of_stock`, `preorder` or `backorder`."),
        _bound("price.from", "Minimum price, minor units of `currency`."),
        _bound("price.to", "Maximum price, minor units of `currency`."),
        {
            "name": "coded",
            "in": "query",
            "required": False,
            "style": "form",
            "explode": True,
            "description": _CODED,
            "schema": {
                "type": "object",
                "propertyNames": {"pattern": CODED_PATTERN},
                "additionalProperties": {"anyOf": [_list(), {"type": "number"}]},
            },
        },
    ]


def _list() -> dict[str, Any]:
    return {
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": VALUE_CHARS_MAX},
        "maxItems": VALUES_MAX,
    }


def _values(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "style": "form",
        "explode": True,
        "description": f"{description} With several values, any of them matches.",
        "schema": _list(),
    }


def _bound(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": {"type": "number"}}
