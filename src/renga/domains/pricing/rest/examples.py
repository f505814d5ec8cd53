"""Bodies that are shown in the API's document."""

PROMOTION = {
    "name": "Black Friday",
    "codes": ["BLACK"],
    "conditions": [{"type": "categories", "categories": ["mesa-e-ceramica"]}],
    "actions": [{"type": "percent", "basis_points": 2000}],
    "group": "best_deal",
    "limits": {"uses": 50, "uses_per_customer": 1},
    "starts_at": "2026-11-27T00:00:00-03:00",
    "ends_at": "2026-11-30T00:00:00-03:00",
}
TAXES = {
    "zones": [{"id": "DE", "countries": ["DE"]}],
    "rates": [{"zone": "DE", "category": "standard", "name": "USt", "rate_ppm": 190_000}],
}
POLICY = {"prices_include_tax": True, "seller_country": "DE", "time_zone": "Europe/Berlin"}
ESTIMATE = {"country": "BR", "postal_code": "01310-100", "coupons": ["PRIMAVERA"]}
