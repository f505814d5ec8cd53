"""Our orders as bodies of the provider's API: the same order gives the same body each time."""

from typing import Any

from renga.domains.payments.ports.provider import Authorise


def authorise_body(order: Authorise, total: int) -> dict[str, Any]:
    """The body of ``POST /v1/payments``. ``total``: what the buyer pays, with interest of instalments that they fund."""
    body: dict[str, Any] = {
        "amount": order.amount.amount,
        "currency": order.amount.currency,
        "method": order.method,
        "reference": order.reference,
        "metadata": {"means": order.means},
    }
    if order.method == "card":
        body |= _card(order, total)
    if order.method == "pix" and order.expires_in_s is not None:
        body["expires_in_s"] = order.expires_in_s
    if order.method == "boleto" and order.due_on is not None:
        body["due_on"] = order.due_on
    payer = {"name": order.payer.name, "tax_id": order.payer.tax_id, "email": order.payer.email}
    known = {name: value for name, value in payer.items() if value}
    return body | ({"payer": known} if known else {})


def _card(order: Authorise, total: int) -> dict[str, Any]:
    body: dict[str, Any] = {"capture": order.capture}
    given = {
        "token": order.token,
        "saved_method": None if order.token else order.saved_ref,
        "previous": order.previous_ref,
        "return_url": order.return_url,
    }
    body |= {name: value for name, value in given.items() if value is not None}
    if order.save:
        body["save"] = True
    if order.recurring:
        body["recurring"] = True
    if order.instalments > 1:
        added = total - order.amount.amount
        by_buyer = {"funded_by": "buyer", "fee": added}
        body["instalments"] = {"count": order.instalments, **(by_buyer if added > 0 else {"funded_by": "shop"})}
    return body
