"""When the shop takes money, by method: the setting ``captures``."""

from collections.abc import Iterable, Mapping
from typing import get_args

from renga.domains.payments.contract.payments import (
    ASYNCHRONOUS_METHODS,
    INTERNAL_METHODS,
    CaptureMoment,
    CapturePolicy,
    PaymentMethod,
)

_MOMENTS: dict[str, CaptureMoment] = {one: one for one in get_args(CaptureMoment)}
_METHODS: dict[str, PaymentMethod] = {one: one for one in get_args(PaymentMethod)}


class CaptureSettingWrong(Exception):
    """What is wrong with the setting."""


def parsed_moments(text: str) -> dict[PaymentMethod, CaptureMoment]:
    """``card=shipment, …`` by method. Raises CaptureSettingWrong."""
    found: dict[PaymentMethod, CaptureMoment] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, _, value = part.partition("=")
        method, moment = _METHODS.get(name.strip()), _MOMENTS.get(value.strip())
        if method is None or moment is None:
            raise CaptureSettingWrong(f"{part[:40]!r} is not a method and one of {', '.join(_MOMENTS)}")
        if method in ASYNCHRONOUS_METHODS | INTERNAL_METHODS:
            raise CaptureSettingWrong(f"{method} has no authorisation that waits: its money comes at once or never")
        if method in found:
            raise CaptureSettingWrong(f"{method} is named twice")
        found[method] = moment
    return found


def policy_of(moments: Mapping[PaymentMethod, CaptureMoment], methods: Iterable[PaymentMethod]) -> CapturePolicy:
    """Whether a payment by these methods takes the money now: if none of them has to wait."""
    return "now" if all(moments.get(one, "placement") == "placement" for one in methods) else "later"
