"""The one error tree of Renga; every error that reaches a caller is one of these, with a stable ``code``.

RengaError
├── Invalid               the request itself is wrong                           (HTTP 400)
│   └── Unprocessable     well formed, but its values break a rule              (HTTP 422)
├── Unauthenticated       no credential, or an invalid one                      (HTTP 401)
├── PaymentRequired       the payment was refused                               (HTTP 402)
├── Forbidden             authenticated, but not allowed                        (HTTP 403)
├── NotFound              it does not exist, or the caller may not see it       (HTTP 404)
├── Conflict              the object's state does not allow this                (HTTP 409)
├── Gone                  it existed and is gone for good                       (HTTP 410)
├── PreconditionFailed    If-Match (or an expected version) did not hold        (HTTP 412)
├── TooLarge              the body or a value is over a named limit             (HTTP 413)
├── TooManyRequests       a rate limit refuses; nothing was done                (HTTP 429)
└── Unavailable           an engine is unreachable: nothing changed, try again  (HTTP 503)
    └── OutcomeUnknown    the engine failed midway: retry with the same key     (HTTP 503)
"""

from typing import Any, ClassVar


class RengaError(Exception):
    """Base of all errors that a caller may see.

    ``code`` is stable and part of the contract; ``detail`` is one sentence for a person; ``extra`` holds
    machine-readable members of the problem document (for example ``{"limit": 100}``).
    """

    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str = "", **extra: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.extra = extra


class Invalid(RengaError):
    code = "invalid_request"
    title = "The request is not valid"


class Unprocessable(Invalid):
    code = "unprocessable"
    title = "The request breaks a rule"


class Unauthenticated(RengaError):
    code = "unauthenticated"
    title = "A valid credential is needed"


class PaymentRequired(RengaError):
    code = "payment_required"
    title = "The payment was refused"


class Forbidden(RengaError):
    code = "forbidden"
    title = "Not allowed"


class NotFound(RengaError):
    code = "not_found"
    title = "Not found"


class Conflict(RengaError):
    code = "conflict"
    title = "Not possible in the present state"


class Gone(RengaError):
    code = "gone"
    title = "Gone"


class PreconditionFailed(RengaError):
    code = "precondition_failed"
    title = "The precondition does not hold"


class TooLarge(RengaError):
    code = "too_large"
    title = "Too large"


class TooManyRequests(RengaError):
    """A rate limit refused the request before it had any effect. ``retry_after_s``: when to try again."""

    code = "rate_limited"
    title = "Too many requests"

    def __init__(self, detail: str = "", *, retry_after_s: int = 1, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.retry_after_s = retry_after_s


class Unavailable(RengaError):
    """An engine is unreachable or full; nothing was changed. ``retry_after_s``: when to try again."""

    code = "unavailable"
    title = "Temporarily unavailable"

    def __init__(self, detail: str = "", *, retry_after_s: int = 1, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.retry_after_s = retry_after_s


class OutcomeUnknown(Unavailable):
    """The engine failed after the command was sent: the change may or may not have happened."""

    code = "outcome_unknown"
    title = "The outcome is unknown; retry with the same idempotency key"
