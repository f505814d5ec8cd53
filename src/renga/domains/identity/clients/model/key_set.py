"""The key set of a client that authenticates with private_key_jwt (RFC 7523): only public, strong keys, bounded in number."""

from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from renga.domains.identity.contract import ClientInvalid
from renga.domains.identity.organisations.model.limits import JWKS_BYTES_MAX, JWKS_KEYS_MAX

#: Private members of RFC 7518 §6 and RFC 8037 §2; ``k`` is a symmetric key.
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
#: Algorithms accepted for assertions: ES256, Ed25519, PS256, RS256.
_CURVES = {"EC": frozenset({"P-256"}), "OKP": frozenset({"Ed25519"})}
#: Characters of a 2048-bit modulus in base64url, and of the longest accepted (4096 bits).
_MODULUS_CHARACTERS_MIN, _MODULUS_CHARACTERS_MAX = 342, 683


def checked_jwks(jwks: dict[str, Any] | None) -> dict[str, Any]:
    """A JWKS with only the member ``keys``. Raises ClientInvalid."""
    if not jwks or set(jwks) != {"keys"} or not isinstance(jwks["keys"], list):
        raise _wrong("a JWKS with its keys is needed")
    if len(msgspec.json.encode(jwks)) > JWKS_BYTES_MAX:
        raise _wrong(f"a JWKS has at most {JWKS_BYTES_MAX} bytes")
    keys = jwks["keys"]
    if not 1 <= len(keys) <= JWKS_KEYS_MAX:
        raise _wrong(f"a JWKS has 1 to {JWKS_KEYS_MAX} keys")
    for key in keys:
        _check_key(key)
    names = [key.get("kid") for key in keys]
    if len(keys) > 1 and (None in names or len(set(names)) != len(names)):
        raise _wrong("each of several keys needs a kid of its own")
    try:
        KeySet.import_key_set(jwks)  # type: ignore[arg-type]  # joserfc types the dictionary more narrowly
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _wrong("one of the keys cannot be read") from error
    return jwks


def _check_key(key: Any) -> None:
    if not isinstance(key, dict) or not all(isinstance(key.get(name, ""), str) for name in ("kty", "crv", "n", "kid")):
        raise _wrong("a key is an object of texts")
    if _PRIVATE & key.keys():
        raise _wrong("the keys must be public ones: a private member is in it, so that key is not secret any more")
    if key.get("use", "sig") != "sig":
        raise _wrong("the keys are for signatures")
    kind = key.get("kty")
    if kind == "RSA":
        if not _MODULUS_CHARACTERS_MIN <= len(key.get("n", "")) <= _MODULUS_CHARACTERS_MAX:
            raise _wrong("an RSA key has 2048 to 4096 bits")
    elif kind not in _CURVES or key.get("crv") not in _CURVES[kind]:
        raise _wrong("a key is RSA, EC on P-256 or OKP on Ed25519")


def _wrong(what: str) -> ClientInvalid:
    return ClientInvalid(what, field="jwks")
