"""Errors of payments."""

from renga.kernel.errors import (
    Conflict,
    Invalid,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)


class PaymentInvalid(Unprocessable):
    """``field`` names the wrong member."""

    code = "payment_invalid"
    title = "The payment is not valid"

    def __init__(self, detail: str, *, field: str) -> None:
        super().__init__(detail, field=field)
        self.field = field


class PaymentNotFound(NotFound):
    code = "payment_not_found"
    title = "There is no such payment"


class PaymentStateConflict(Conflict):
    """The payment's ``state`` does not allow this. Nothing was done."""

    code = "payment_state"
    title = "The payment's state does not allow this"

    def __init__(self, detail: str, *, state: str) -> None:
        super().__init__(detail, state=state)
        self.state = state


class PaymentBusy(Conflict):
    """Another operation of the same kind on this payment is under way; try again."""

    code = "payment_busy"
    title = "Another operation on this payment is under way"


class AmountExceeded(Unprocessable):
    """More than is left. ``left`` is how much is, in minor units of the payment's currency. Nothing was done."""

    code = "payment_amount_exceeded"
    title = "This is more than is left"

    def __init__(self, detail: str, *, left: int) -> None:
        super().__init__(detail, left=left)
        self.left = left


class MethodUnavailable(Unprocessable):
    code = "payment_method_unavailable"
    title = "This shop does not offer this method for this amount"


class ProviderUnsupported(Conflict):
    """The provider's capabilities do not include this (a second capture, a partial refund, …). Nothing was done."""

    code = "payment_provider_unsupported"
    title = "The payment provider cannot do this"


class PaymentProviderNotFound(NotFound):
    code = "payment_provider_not_found"
    title = "There is no such payment provider"


#: Within payments.
ProviderNotFound = PaymentProviderNotFound


class ProviderAway(Unavailable):
    """The provider did not answer a question that changes nothing."""

    code = "payment_provider_away"
    title = "The payment provider is away"


class WebhookRefused(Unauthenticated):
    """The signature is wrong or too old. Nothing was kept."""

    code = "webhook_refused"
    title = "The webhook's signature is not valid"


class WebhookInvalid(Invalid):
    """Rightly signed, and not a message of this provider."""

    code = "webhook_invalid"
    title = "This is not a message of the payment provider"


class SavedMethodNotFound(NotFound):
    code = "saved_method_not_found"
    title = "There is no such saved payment method"


class GiftCardNotFound(NotFound):
    code = "gift_card_not_found"
    title = "There is no such gift card"


class LedgerUnbalanced(Unprocessable):
    code = "ledger_unbalanced"
    title = "The entries of a transaction do not sum to zero per currency"


class LedgerKeyConflict(Conflict):
    """The key was used for another transaction. Nothing was written."""

    code = "ledger_key_conflict"
    title = "This key belongs to another ledger transaction"


class TooManyAttempts(TooManyRequests):
    """Too many declines of this reference, or from this address: a pause. Nothing was done; no provider was asked."""

    code = "too_many_attempts"
    title = "Too many declined attempts; wait before the next one"


class WebhookEventNotFound(NotFound):
    code = "webhook_event_not_found"
    title = "There is no such webhook event"


class LedgerInvalid(Unprocessable):
    """``field`` names what is wrong. Nothing was written."""

    code = "ledger_invalid"
    title = "This is not a transaction, an account or a page of the ledger"

    def __init__(self, detail: str, *, field: str) -> None:
        super().__init__(detail, field=field)
        self.field = field


class LedgerTransactionNotFound(NotFound):
    code = "ledger_transaction_not_found"
    title = "The ledger has no transaction with this key"


class LedgerAccountNotFound(NotFound):
    code = "ledger_account_not_found"
    title = "The ledger has no entry of this account"
