"""Pricing's part of the web application."""

from typing import Any

from renga.domains.pricing.rest import codes, estimates, promotions, rules, trials
from renga.platform.http.face import Face


def face_of(pricing: Any) -> Face:
    """Estimates for buyers; promotions, codes, dry runs, taxes and rules for those who keep them."""
    return Face(
        operations=[
            *estimates.operations(pricing),
            *promotions.operations(pricing),
            *codes.operations(pricing),
            *trials.operations(pricing),
            *rules.operations(pricing),
        ]
    )
