"""The part of finance in the web application."""

from renga.domains.payments.contract.management import FinanceManagement
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


def finance_face(finance: FinanceManagement) -> Face:
    """Commission, payouts, disputes, settlements and payment partners."""
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
