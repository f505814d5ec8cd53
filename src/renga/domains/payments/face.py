"""The part of payments in the web application."""

from typing import Any

from renga.domains.payments.rest import changes, payments, pix_picture, reviews, wallets, webhooks
from renga.platform.http.face import Face


def face_of(local: Any) -> Face:
    """Payments for the shop's programs, wallets for finance and customers."""
    return Face(
        routes=pix_picture.routes(local),
        operations=[
            *payments.operations(local),
            *changes.operations(local),
            *reviews.operations(local),
            *wallets.operations(local),
            *webhooks.operations(local),
        ],
    )
