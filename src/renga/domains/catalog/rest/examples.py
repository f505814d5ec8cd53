"""Examples of requests and responses for the OpenAPI document."""

from typing import Any

PRODUCT: dict[str, Any] = {
    "slug": "caneca-aurora",
    "title": {"pt-BR": "Caneca Aurora", "en": "Aurora Mug"},
    "description": {"pt-BR": "Torneada à mão.", "en": "Thrown by hand."},
    "brand": "Olaria do Alpendre",
    "status": "draft",
    "categories": ["mesa-e-ceramica"],
    "attributes": {"volume_ml": 350},
    "variants": [
        {
            "sku": "CAN-AURORA-AZ",
            "options": {"color": {"pt-BR": "Azul", "en": "Blue"}},
            "prices": {"BRL": 5990, "USD": 1290},
            "compare_at": {"BRL": 6990},
            "weight_g": 380,
        }
    ],
}
ANSWERED: dict[str, Any] = {
    **PRODUCT,
    "merchant": "0195f000-0000-7000-8000-000000000001",
    "scheduled": [],
    "id": "0195f000-0000-7000-8000-0000000000aa",
    "version": 1,
    "created_at": "2026-11-25T12:00:00.000Z",
    "updated_at": "2026-11-25T12:00:00.000Z",
    "channels": [],
    "history": [],
    "due_at": None,
}
PATCH: dict[str, Any] = {"status": "active", "title": {"en": "Aurora mug"}, "brand": None}
PRICE: dict[str, Any] = {"amount": 4990, "at": "2026-11-27T00:00:00-03:00"}
CATEGORY: dict[str, Any] = {
    "title": {"pt-BR": "Canecas", "en": "Mugs"},
    "parent": "mesa-e-ceramica",
    "position": 1,
}
COLLECTION: dict[str, Any] = {
    "title": {"pt-BR": "Até cem reais", "en": "Under one hundred reais"},
    "rule": {"match": "all", "conditions": [{"field": "price.BRL", "op": "at_most", "value": 10000}]},
}
PRODUCT_TYPE: dict[str, Any] = {
    "title": {"pt-BR": "Caneca", "en": "Mug"},
    "attributes": [
        {"code": "volume", "kind": "number", "unit": "ml", "title": {"pt-BR": "Volume"}, "facet": True},
        {"code": "color", "kind": "enum", "options": [{"code": "blue"}, {"code": "green"}], "axis": True},
    ],
}
