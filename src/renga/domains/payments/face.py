"""The part of payments in the web application."""

from typing import Any

from renga.domains.payments.rest import ledger
from renga.platform.http.face import Face


def face_of(payments: Any) -> Face:
    """The ledger for finance, and statements for merchants."""
    return Face(operations=[*ledger.operations(payments.ledger)])
