"""DPoP proofs (RFC 9449): a token bound to a key is accepted only with a fresh signature of that key."""

import hashlib
import hmac
from typing import Any
from urllib.parse import urlsplit

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey
from joserfc.util import to_bytes, urlsafe_b64encode

from renga.kernel.clock import Clock
from renga.kernel.errors import Unauthenticated
from renga.platform.auth.replays import Replays

ALGORITHMS = ("ES256", "Ed25519")
TYPE = "dpop+jwt"
#: How long a proof is valid after it was made, and how far in the future its time may be (clock skew).
LIFE_S, FUTURE_S = 60, 5
PROOF_CHARACTERS_MAX, JTI_CHARACTERS_MAX = 4_096, 256
_PORTS = {"https": 443, "http": 80}


class ProofInvalid(Unauthenticated):
    code = "invalid_dpop_proof"
    title = "The DPoP proof is not valid"


class _ProofClaims(msgspec.Struct):
    jti: str
    htm: str
    htu: str
    iat: int
    ath: str | None = None


class ProofChecker:
    """Checks proofs and remembers the used ones. Raises ProofInvalid, Unavailable."""

    def __init__(self, replays: Replays, clock: Clock) -> None:
        self._replays = replays
        self._clock = clock

    async def check(self, proof: str, *, method: str, url: str, token: str | None = None) -> str:
        """The thumbprint (RFC 7638) of the key that made this proof for this request and token."""
        key, claims = read(proof)
        now_s = self._clock.now_ms() // 1000
        if not -FUTURE_S <= now_s - claims.iat <= LIFE_S:
            raise ProofInvalid("the proof is too old or from the future")
        if claims.htm != method or address(claims.htu) != address(url):
            raise ProofInvalid("the proof is for another request")
        if token is not None and not hmac.compare_digest(claims.ath or "", token_hash(token)):
            raise ProofInvalid("the proof is for another token")
        thumbprint = key.thumbprint()
        used = hashlib.sha256(f"{thumbprint} {claims.jti}".encode()).hexdigest()
        if not await self._replays.first(f"dpop:{used}", LIFE_S + FUTURE_S + 1):
            raise ProofInvalid("the proof was used before")
        return thumbprint


def read(proof: str) -> tuple[Key, _ProofClaims]:
    """The key and the claims of a proof with a good signature. Raises ProofInvalid."""
    if len(proof) > PROOF_CHARACTERS_MAX:
        raise ProofInvalid("the proof is too long")
    try:
        header: dict[str, Any] = jws.extract_compact(to_bytes(proof)).headers()
        if header.get("typ") != TYPE or header.get("alg") not in ALGORITHMS:
            raise ProofInvalid(f"a proof has the type {TYPE} and is signed with one of {', '.join(ALGORITHMS)}")
        key = _public(header.get("jwk"), header["alg"])
        payload = jws.deserialize_compact(proof, key, algorithms=[header["alg"]]).payload
        claims = msgspec.json.decode(payload or b"", type=_ProofClaims)
    except (JoseError, ValueError, TypeError, msgspec.MsgspecError) as error:
        raise ProofInvalid("the proof is not a signed proof") from error
    if not 0 < len(claims.jti) <= JTI_CHARACTERS_MAX:
        raise ProofInvalid("the proof's identifier is missing or too long")
    return key, claims


def _public(jwk: Any, algorithm: str) -> ECKey | OKPKey:
    if not isinstance(jwk, dict) or "d" in jwk or "k" in jwk:
        raise ProofInvalid("the proof must hold its public key, and that only")
    kind = ECKey if algorithm == "ES256" else OKPKey
    # only the members that make up the key: the others are unverified
    key = kind.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y") if name in jwk})
    if key.curve_name not in ("P-256", "Ed25519"):
        raise ProofInvalid("the proof's key is of another curve")
    return key


def token_hash(token: str) -> str:
    """``ath``: the hash of the access token in a proof (RFC 9449 §4.2)."""
    return urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode()


def address(url: str) -> tuple[str, str, int, str]:
    """A request's address without query and fragment, normalised for comparison (RFC 9449 §4.3)."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme.lower(), 0)
    except ValueError as error:
        raise ProofInvalid("the proof names no address") from error
    return parts.scheme.lower(), (parts.hostname or "").lower(), port, parts.path or "/"
