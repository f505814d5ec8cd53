"""How callers are authenticated: what the module with the accounts gives to the gate."""

import msgspec

from renga.platform.auth.lookups import CheckKey, KnownKey, MerchantsOf, RightsOf
from renga.platform.auth.tokens import TokenVerifier


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """``verifier`` checks the tokens of the shop's own authorization server."""

    verifier: TokenVerifier
    check_key: CheckKey
    known_key: KnownKey
    rights_of: RightsOf
    merchants_of: MerchantsOf
