"""Errors of pricing."""

from collections.abc import Sequence

from renga.kernel.errors import Conflict, Invalid, NotFound, PreconditionFailed, Unavailable, Unprocessable


class PromotionNotFound(NotFound):
    code = "promotion_not_found"
    title = "There is no such promotion"


class PromotionInvalid(Unprocessable):
    """``problems`` names each wrong member with the reason: ``[(path, reason), …]``."""

    code = "promotion_invalid"
    title = "The promotion is not valid"

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        field, reason = problems[0]
        super().__init__(f"{field}: {reason}", problems=[{"field": f, "reason": r} for f, r in problems])
        self.problems = list(problems)


class PromotionCursorInvalid(Invalid):
    code = "promotion_cursor_invalid"
    title = "This cursor was not made by the list of promotions"


class PromotionVersionMismatch(PreconditionFailed):
    """The current ``version`` is not the expected one. Nothing was written."""

    code = "promotion_version_mismatch"
    title = "The promotion was changed since you read it"

    def __init__(self, detail: str = "", *, version: int) -> None:
        super().__init__(detail, version=version)
        self.version = version


class CodeBatchNotFound(NotFound):
    code = "code_batch_not_found"
    title = "There is no such batch of codes"


class CouponCodeTaken(Conflict):
    code = "coupon_code_taken"
    title = "Another promotion has this code"


class CouponExhausted(Conflict):
    """The usage limit of a promotion, in total or of this customer, is reached. ``promotion`` and ``coupon`` say which."""

    code = "coupon_exhausted"
    title = "This promotion has been used as often as it may be"

    def __init__(self, detail: str = "", *, promotion: str, coupon: str | None = None) -> None:
        super().__init__(detail, promotion=promotion, coupon=coupon)
        self.promotion, self.coupon = promotion, coupon


class CouponUsed(Conflict):
    """A single-use code was redeemed by somebody else."""

    code = "coupon_used"
    title = "This code was used already"


class RedemptionNotFound(NotFound):
    code = "redemption_not_found"
    title = "There is no such redemption"


class RedemptionEnded(Conflict):
    """It was committed and cannot be released, or was released (or expired) and cannot be committed."""

    code = "redemption_ended"
    title = "This redemption has ended"


class QuoteTooLarge(Invalid):
    code = "quote_too_large"
    title = "There are more lines than a quote may have"


class QuoteQuantityInvalid(Unprocessable):
    code = "quote_quantity_invalid"
    title = "A quantity is not above zero, or too large"


class QuoteAmountTooLarge(Unprocessable):
    code = "quote_amount_too_large"
    title = "The sum is more than an amount may be"


class ShippingOptionUnknown(Unprocessable):
    """``options`` are those that there are for this destination, cheapest first."""

    code = "shipping_option_unknown"
    title = "It is not delivered in this way"

    def __init__(self, detail: str = "", *, options: Sequence[str]) -> None:
        super().__init__(detail, field="shipping_option", options=list(options))
        self.options = tuple(options)


class TaxTablesInvalid(Unprocessable):
    code = "tax_tables_invalid"
    title = "The tax tables are not valid"


class TaxTablesMismatch(PreconditionFailed):
    """The current ``version`` is not the expected one. Nothing was written."""

    code = "tax_tables_mismatch"
    title = "The tax tables were changed since you read them"

    def __init__(self, detail: str = "", *, version: int) -> None:
        super().__init__(detail, version=version)
        self.version = version


class PolicyInvalid(Unprocessable):
    """``field`` says which member is wrong."""

    code = "policy_invalid"
    title = "These are not rules that quotes can follow"


class TaxAnswerInvalid(Unavailable):
    """The provider's answer does not fit the question: an amount is missing or does not add up."""

    code = "tax_answer_invalid"
    title = "The tax provider gave an answer that does not add up"


class TaxUnavailable(Unavailable):
    code = "tax_unavailable"
    title = "Taxes cannot be calculated at the moment"
