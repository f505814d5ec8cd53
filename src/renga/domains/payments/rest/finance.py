"""The part of finance in the web application."""

from typing import Any

from renga.domains.payments.rest import (
    commissions,
    disputes,
    partners,
    payout_accounts,
    payouts,
    settlements,
    statement_files,
)
from renga.platform.http.face import Face


class _FinanceOf:
    """``payments.finance``, not before it is asked: routes are also described without payments."""

    def __init__(self, payments: Any) -> None:
        self._payments = payments

    def __getattr__(self, name: str) -> Any:
        return getattr(self._payments.finance, name)


def finance_face(payments: Any) -> Face:
    """Commission, payouts, disputes, settlements and payment partners."""
    finance: Any = _FinanceOf(payments)
    return Face(
        routes=[*settlements.routes(finance), *statement_files.routes(finance)],
        operations=[
            *commissions.operations(finance),
            *payout_accounts.operations(finance),
            *payouts.operations(finance),
            *disputes.operations(finance),
            *partners.operations(finance),
        ],
    )
