"""WebAuthn (Level 3) by py_webauthn: discoverable credentials, user verification required, attestation not asked for.

The library is imported with the first ceremony: it takes 5 MB of a process in which nobody uses passkeys.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID

from renga.domains.identity.accounts.model.values import PasskeyRecord, Person
from renga.domains.identity.contract import PasskeyRefused

if TYPE_CHECKING:
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

RP_NAME = "Renga"
TIMEOUT_MS = 300_000
#: Largest credential, as JSON, that is parsed.
CREDENTIAL_CHARACTERS_MAX = 65_536
TRANSPORTS = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal", "cable"})
#: What the parsers raise for malformed input, besides the library's own error.
_MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


class WebAuthnCeremonies:
    """``ports.Ceremonies`` for the relying party at ``public_url``: its host is the id, its origin the only one allowed."""

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._rp_id = parts.hostname or "localhost"
        self._origin = f"{parts.scheme}://{parts.netloc}"

    def creation_options(self, person: Person, challenge: bytes, known: Sequence[PasskeyRecord]) -> dict[str, Any]:
        from webauthn import generate_registration_options, options_to_json
        from webauthn.helpers import structs

        options = generate_registration_options(
            rp_id=self._rp_id,
            rp_name=RP_NAME,
            user_id=UUID(person.id).bytes,
            user_name=person.email,
            user_display_name=person.name,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            attestation=structs.AttestationConveyancePreference.NONE,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                require_resident_key=True,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
            supported_pub_key_algs=_algorithms(),
        )
        return _as_dict(options_to_json(options))

    def request_options(self, challenge: bytes) -> dict[str, Any]:
        from webauthn import generate_authentication_options, options_to_json
        from webauthn.helpers import structs

        options = generate_authentication_options(
            rp_id=self._rp_id,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
        return _as_dict(options_to_json(options))

    def check_creation(
        self, credential: dict[str, Any], challenge: bytes, *, account_id: str, name: str, now_ms: int
    ) -> PasskeyRecord:
        from webauthn import verify_registration_response
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            verified = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                require_user_verification=True,
                supported_pub_key_algs=_algorithms(),
            )
        except (WebAuthnException, *_MALFORMED) as error:
            raise PasskeyRefused() from error
        return PasskeyRecord(
            credential_id=verified.credential_id,
            account_id=account_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            name=name,
            transports=_transports(credential),
            synced=verified.credential_backed_up,
            created_ms=now_ms,
        )

    def check_request(self, credential: dict[str, Any], challenge: bytes, passkey: PasskeyRecord) -> int:
        from webauthn import verify_authentication_response
        from webauthn.helpers.exceptions import WebAuthnException

        try:
            verified = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, *_MALFORMED) as error:
            raise PasskeyRefused() from error
        return verified.new_sign_count

    def challenge_of(self, credential: dict[str, Any]) -> bytes:
        """The challenge named by a credential, not verified yet. Raises PasskeyRefused for a malformed credential."""
        try:
            if len(json.dumps(credential)) > CREDENTIAL_CHARACTERS_MAX:
                raise PasskeyRefused("the credential is too large")
            client_data = json.loads(_decoded(credential["response"]["clientDataJSON"]))
            return _decoded(client_data["challenge"])
        except (*_MALFORMED, RecursionError) as error:
            raise PasskeyRefused() from error

    def credential_id_of(self, credential: dict[str, Any]) -> bytes:
        """The id of the credential that was used. Raises PasskeyRefused."""
        try:
            return _decoded(credential["rawId"])
        except _MALFORMED as error:
            raise PasskeyRefused() from error

    def user_of(self, credential: dict[str, Any]) -> str | None:
        """The account id (user handle) of a discoverable credential. Raises PasskeyRefused."""
        try:
            handle = credential["response"].get("userHandle")
            return str(UUID(bytes=_decoded(handle))) if handle else None
        except _MALFORMED as error:
            raise PasskeyRefused() from error


def _algorithms() -> "list[COSEAlgorithmIdentifier]":
    from webauthn.helpers.cose import COSEAlgorithmIdentifier

    return [COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.EDDSA]


def _decoded(text: str) -> bytes:
    """Base64url without padding; the decoder passes over padding that is too long."""
    return urlsafe_b64decode(f"{text}===")


def _transports(credential: dict[str, Any]) -> tuple[str, ...]:
    named = credential.get("response", {}).get("transports") or ()
    return tuple(sorted(TRANSPORTS & {one for one in named if isinstance(one, str)}))


def _as_dict(text: str) -> dict[str, Any]:
    options: dict[str, Any] = json.loads(text)
    return options
