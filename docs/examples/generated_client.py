"""Shop with the client that openapi-python-client makes (`make generators OUT=clients`):

PYTHONPATH=clients/openapi-python-client clients/python/bin/python docs/examples/generated_client.py http://127.0.0.1:8000
"""

import sys

from renga_client import Client
from renga_client.api.cart import add_line, create_cart
from renga_client.api.catalog import list_products
from renga_client.models import AddLineResponse404, Cart, CreateCart, NewLine, ProductPageView

with Client(base_url=sys.argv[1]) as client:
    page = list_products.sync(client=client, limit=1)
    assert isinstance(page, ProductPageView), page
    variant = page.items[0].variants[0]

    cart = create_cart.sync(client=client, body=CreateCart(currency="BRL"))
    assert isinstance(cart, Cart), cart

    cart = add_line.sync(cart.id, client=client, body=NewLine(sku=variant.sku, quantity=2), idempotency_key="example-1")
    assert isinstance(cart, Cart), cart
    assert [(line.sku, line.quantity) for line in cart.lines] == [(variant.sku, 2)]

    missing = add_line.sync("no-such-cart", client=client, body=NewLine(sku=variant.sku))
    assert isinstance(missing, AddLineResponse404), missing
    assert missing.code == "cart_not_found"

    print(f"cart {cart.id} has {cart.lines[0].quantity} of {variant.sku}: {cart.totals.total.amount} {cart.currency}")
