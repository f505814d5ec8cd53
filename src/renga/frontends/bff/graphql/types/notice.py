"""Notices of degraded answers."""

import msgspec
import strawberry

from renga.frontends.bff.graphql.fields import own, public


class OfNotice(msgspec.Struct, frozen=True):
    code: str
    message: str


@strawberry.type(description="Why this answer is degraded.")
class Notice:
    code: str = public(own("code"), "Stable code.")
    message: str = public(own("message"), "A sentence for people.")
