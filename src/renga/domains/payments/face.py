"""The part of payments in the web application."""

from typing import Any

from renga.domains.payments.rest import ledger
from renga.domains.payments.rest.finance import finance_face
from renga.platform.http.face import Face


def face_of(payments: Any) -> Face:
    """The ledger for finance, and statements for merchants; commission, payouts, disputes, settlements, partners."""
    finance = finance_face(payments.finance)
    return Face(
        routes=finance.routes,
        operations=[*ledger.operations(payments.ledger), *finance.operations],
    )
