"""Makes and reads the key pairs of token signatures: ES256 (P-256) and RS256 (RSA)."""

from collections.abc import Mapping
from typing import Any, get_args

from joserfc.jwk import ECKey, Key, RSAKey

from renga.domains.identity.contract import IdTokenAlgorithm

Algorithm = IdTokenAlgorithm
#: Access tokens are signed with this one, and verifiers take no other from us.
ACCESS_TOKENS: Algorithm = "ES256"
#: For ID tokens a client's registration chooses; the default of OpenID Connect comes first.
ID_TOKENS: tuple[Algorithm, ...] = get_args(IdTokenAlgorithm)
RSA_BITS = 2_048


def make_key(algorithm: Algorithm) -> Key:
    """A new key pair for signatures, with ``alg``, ``use`` and ``kid``. RSA takes tenths of a second: not on the loop."""
    if algorithm == "RS256":
        return RSAKey.generate_key(RSA_BITS, {"use": "sig", "alg": algorithm}, auto_kid=True)
    return ECKey.generate_key("P-256", {"use": "sig", "alg": algorithm}, auto_kid=True)


def read_key(document: Mapping[str, Any]) -> Key:
    """A key of ours, from its JWK. Raises ValueError, KeyError, JoseError."""
    kind = RSAKey if document["alg"] == "RS256" else ECKey
    return kind.import_key(dict(document))
