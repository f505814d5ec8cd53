"""A passkey in software: ES256, attestation "none", as a browser would answer (WebAuthn Level 3, sections 5 and 6)."""

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

#: Flags of the authenticator data (section 6.1): user present, user verified, attested credential data.
UP, UV, AT = 0x01, 0x04, 0x40


class Authenticator:
    """Holds one discoverable credential. What it says of itself may be changed, to be refused."""

    def __init__(self, origin: str, *, rp_id: str = "shop.example") -> None:
        self.origin, self.rp_id = origin, rp_id
        self.user_verified = True
        self.counter = 0
        self.credential_id = secrets.token_bytes(32)
        self.user_handle = b""
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """``navigator.credentials.create``."""
        assert {"type": "public-key", "alg": -7} in options["pubKeyCredParams"]
        self.user_handle = _bytes(options["user"]["id"])
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(AT) + self._attested()}
        return self._credential(
            clientDataJSON=_text(self._client_data("webauthn.create", options["challenge"])),
            attestationObject=_text(cbor2.dumps(attestation)),
            transports=["internal", "nonsense"],
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """``navigator.credentials.get``."""
        self.counter += 1
        client_data, data = self._client_data("webauthn.get", options["challenge"]), self._data(0)
        signature = self._key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            clientDataJSON=_text(client_data),
            authenticatorData=_text(data),
            signature=_text(signature),
            userHandle=_text(self.user_handle),
        )

    def _credential(self, **response: Any) -> dict[str, Any]:
        handle = _text(self.credential_id)
        return {"id": handle, "rawId": handle, "type": "public-key", "response": response, "clientExtensionResults": {}}

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, flags: int) -> bytes:
        flags |= UP | (UV if self.user_verified else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4)

    def _attested(self) -> bytes:
        point = self._key.public_key().public_numbers()
        public_key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        return bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + cbor2.dumps(public_key)


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
