"""Errors of the finance side of payments."""

from renga.kernel.errors import Conflict, Invalid, NotFound, PreconditionFailed, Unprocessable


class CommissionInvalid(Unprocessable):
    """``field`` names the wrong member. Nothing was changed."""

    code = "commission_invalid"
    title = "The commission rules are not valid"

    def __init__(self, detail: str, *, field: str) -> None:
        super().__init__(detail, field=field)


class CommissionsMismatch(PreconditionFailed):
    code = "commissions_changed"
    title = "Somebody else has changed the commission rules"


class PayoutAccountInvalid(Unprocessable):
    """``field`` names the wrong member. Nothing was changed."""

    code = "payout_account_invalid"
    title = "The payout account is not valid"

    def __init__(self, detail: str, *, field: str) -> None:
        super().__init__(detail, field=field)


class PayoutAccountNotFound(NotFound):
    """Also for a merchant that is not the caller's."""

    code = "payout_account_not_found"
    title = "There is no such payout account"


class PayoutScheduleInvalid(Unprocessable):
    code = "payout_schedule_invalid"
    title = "The payout schedule is not valid"

    def __init__(self, detail: str, *, field: str) -> None:
        super().__init__(detail, field=field)


class PayoutNotFound(NotFound):
    """Also for a payout of a merchant that is not the caller's."""

    code = "payout_not_found"
    title = "There is no such payout"


class PayoutStateConflict(Conflict):
    """The payout's ``state`` does not allow this. Nothing was done."""

    code = "payout_state"
    title = "The payout's state does not allow this"

    def __init__(self, detail: str, *, state: str) -> None:
        super().__init__(detail, state=state)


class PayoutAccountNotReady(Conflict):
    """The merchant's payout account was changed and is not verified, or its pause is not over. Nothing was done."""

    code = "payout_account_not_ready"
    title = "Nothing can be sent to the merchant's payout account now"


class PayoutDayInvalid(Unprocessable):
    """No date, in the future, or its day has hardly begun: what was captured before it may not be written yet."""

    code = "payout_day_invalid"
    title = "Payouts cannot run for this day"


class FinanceCursorInvalid(Invalid):
    code = "finance_cursor_invalid"
    title = "This cursor is not one of this list"


class DisputeNotFound(NotFound):
    """Also for a dispute of another provider than the caller's."""

    code = "dispute_not_found"
    title = "There is no such dispute"


class EvidenceTooLate(Conflict):
    """It is won or lost, or evidence is due no more. Nothing was kept."""

    code = "dispute_closed"
    title = "This dispute takes no evidence any more"


class EvidenceInvalid(Unprocessable):
    code = "evidence_invalid"
    title = "The evidence is not valid"

    def __init__(self, detail: str, *, field: str) -> None:
        super().__init__(detail, field=field)


class SettlementInvalid(Unprocessable):
    """The first wrong ``line`` (from 1; 0: the file itself). Nothing was written."""

    code = "settlement_invalid"
    title = "This is not a settlement file"

    def __init__(self, detail: str, *, line: int = 0) -> None:
        super().__init__(detail, line=line)


class SettlementConflict(Conflict):
    """A file or line with this id was imported with another content. Nothing was written."""

    code = "settlement_conflict"
    title = "This settlement was imported with another content"


class SettlementNotFound(NotFound):
    code = "settlement_not_found"
    title = "There is no settlement file of this day"


class PartnerInvalid(Unprocessable):
    code = "payment_partner_invalid"
    title = "This account cannot be the provider's partner account"


class PartnerNotFound(NotFound):
    code = "payment_partner_not_found"
    title = "This provider has no partner account"
