"""A token, or all tokens of somebody, revoked before their time (RFC 7009): the value that domains and the platform share."""

from typing import Literal

import msgspec

#: token: one ``jti``; family: all of one login; the others: whatever was issued to them up to the cut-off.
Kind = Literal["token", "family", "account", "client", "grant"]


class Revocation(msgspec.Struct, frozen=True, kw_only=True):
    """``subject`` is the jti, the family, the account, the client, or ``account client`` for a grant.

    Tokens issued at ``cutoff_s`` or before are refused; ``until_s`` is when the last of them has expired anyway.
    """

    kind: Kind
    subject: str
    cutoff_s: int
    until_s: int
