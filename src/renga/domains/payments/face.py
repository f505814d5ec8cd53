"""The part of payments in the web application."""

from typing import Any

from renga.domains.payments.rest import changes, ledger, payments, pix_picture, reviews, wallets, webhooks
from renga.domains.payments.rest.finance import finance_face
from renga.platform.http.face import Face


def face_of(local: Any) -> Face:
    """Payments for the shop's programs, wallets for finance and customers, the ledger and its finance for staff and merchants."""
    finance = finance_face(local)
    return Face(
        routes=[*pix_picture.routes(local), *finance.routes],
        operations=[
            *payments.operations(local),
            *changes.operations(local),
            *reviews.operations(local),
            *wallets.operations(local),
            *webhooks.operations(local),
            *ledger.operations(local),
            *finance.operations,
        ],
    )
