"""Stripe's decline and error codes in our standard reasons.

https://docs.stripe.com/declines/codes and https://docs.stripe.com/error-codes
"""

from renga.domains.payments.contract.payments import DeclineReason
from renga.domains.payments.providers.stripe.objects import StripeFailure

#: A decline code says more than the error's code, so it is looked up first.
REASONS: dict[str, DeclineReason] = {
    **dict.fromkeys(("insufficient_funds",), "insufficient_funds"),
    **dict.fromkeys(("lost_card", "stolen_card", "pickup_card", "restricted_card"), "lost_or_stolen"),
    **dict.fromkeys(("expired_card", "invalid_expiry_month", "invalid_expiry_year"), "expired_card"),
    **dict.fromkeys(("incorrect_cvc", "invalid_cvc"), "incorrect_cvc"),
    **dict.fromkeys(("incorrect_number", "invalid_number"), "incorrect_number"),
    **dict.fromkeys(("authentication_required", "authentication_not_handled"), "challenge_required"),
    **dict.fromkeys(
        (
            "payment_intent_authentication_failure",
            "setup_intent_authentication_failure",
            "payment_intent_payment_attempt_expired",
        ),
        "challenge_failed",
    ),
    **dict.fromkeys(("card_velocity_exceeded", "withdrawal_count_limit_exceeded"), "limit_exceeded"),
    **dict.fromkeys(("fraudulent", "merchant_blacklist", "highest_risk_level"), "risk_refused"),
    **dict.fromkeys(("pin_try_exceeded",), "too_many_attempts"),
    **dict.fromkeys(("card_not_supported", "currency_not_supported", "country_unsupported"), "method_unavailable"),
    **dict.fromkeys(("processing_error", "issuer_not_available", "try_again_later"), "provider_error"),
    **dict.fromkeys(
        (
            "amount_too_large",
            "amount_too_small",
            "invalid_amount",
            "charge_already_captured",
            "charge_already_refunded",
            "charge_not_refundable",
            "payment_intent_unexpected_state",
        ),
        "amount_invalid",
    ),
    **dict.fromkeys(("charge_expired_for_capture", "token_expired"), "expired"),
    **dict.fromkeys(("token_already_used", "payment_method_invalid_parameter"), "token_invalid"),
    **dict.fromkeys(("payment_method_provider_decline", "card_declined"), "card_declined"),
}
#: If no code is known, the parameter that Stripe found wrong tells.
PARAMETERS: dict[str, DeclineReason] = {
    **dict.fromkeys(("amount", "amount_to_capture"), "amount_invalid"),
    **dict.fromkeys(("payment_method", "payment_method_data[card][token]", "customer", "token"), "token_invalid"),
    "currency": "method_unavailable",
}
_CARD_ERROR = "card_error"


def reason_of(failure: StripeFailure | None) -> DeclineReason:
    """The standard reason of a failure that Stripe reports."""
    if failure is None:
        return "card_declined"
    for code in (failure.decline_code, failure.code):
        if code in REASONS:
            return REASONS[code]
    if failure.param in PARAMETERS:
        return PARAMETERS[failure.param]
    return "card_declined" if failure.type == _CARD_ERROR or failure.decline_code else "provider_error"
