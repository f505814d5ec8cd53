"""Pure: the parameters by which a search is narrowed, as OpenAPI lists them: by name, or by the pattern of their names."""

from typing import Any

from renga.domains.search.contract import VALUES_MAX

#: ``option.<code>``, ``attribute.<code>``; bounds of numbers end with ``.from`` and ``.to``.
CODED_PATTERN = r"^(option|attribute)\.[^=&]+$"
_CODED = (
    "Facets with a code of their own, one parameter each: `option.<code>=` and `attribute.<code>=` (any of several values), for "
    "numbers `attribute.<code>.from=` and `attribute.<code>.to=` (both inclusive)."
)


def filter_parameters() -> list[dict[str, Any]]:
    """Beside those that the handler's signature names."""
    return [
        _values("brand", "Brands."),
        _values("category", "Slugs of categories; those below them count too."),
        _values("merchant", "Ids of merchants."),
        _values("type", "Codes of product types."),
        _values("availability", "`in_stock`, `out_of_stock`, `preorder` or `backorder`."),
        _bound("price.from", "Least price, minor units of `currency`."),
        _bound("price.to", "Greatest price, minor units of `currency`."),
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
    return {"type": "array", "items": {"type": "string"}, "maxItems": VALUES_MAX}


def _values(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "style": "form",
        "explode": True,
        "description": f"{description} Several narrow to any of them.",
        "schema": _list(),
    }


def _bound(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": {"type": "number"}}
