"""The revocation (RFC 7009) of one token or of a group of tokens; shared by domains and platform."""

from typing import Literal

import msgspec

#: token: one ``jti``; family: all tokens of one login; the others: every token issued to them up to the cut-off.
Kind = Literal["token", "family", "account", "client", "grant"]


class Revocation(msgspec.Struct, frozen=True, kw_only=True):
    """``subject`` is the jti, the family, the account, the client, or ``account client`` for a grant.

    Tokens issued at ``cutoff_s`` or before are refused; ``until_s`` is when the last of them has expired.
    """

    kind: Kind
    subject: str
    cutoff_s: int
    until_s: int
