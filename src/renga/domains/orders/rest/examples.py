"""Examples of the documentation."""

_ADDRESS = {
    "name": "Ana Souza",
    "street": "Avenida Paulista",
    "number": "1578",
    "district": "Bela Vista",
    "city": "São Paulo",
    "region": "SP",
    "postal_code": "01310-200",
    "country": "BR",
}
REQUEST = {
    "cart_id": "019aa5d8-1f00-7000-8a55-3c1f0c2a1177",
    "email": "ana@example.com",
    "shipping_address": _ADDRESS,
    "payment": {"method": "pix"},
}
CHANGE = {"payment": {"method": "card", "instalments": 3}, "coupons": ["PRIMAVERA"]}
