"""One external identity provider: its discovery document and keys, the exchange of a code, the check of an ID token."""

import hmac
from typing import Any

import httpx
import msgspec
from authlib.oidc.core.util import create_half_hash  # type: ignore[import-untyped] # authlib ships no types
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.util import to_bytes

from renga.domains.identity.external.ports import ExternalPerson, Metadata, ProviderRefused
from renga.domains.identity.external.settings import ProviderSettings
from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable
from renga.platform.auth.jwks_remote import fetch_json
from renga.platform.auth.trusted_address import trusted_address

#: Accepted signature algorithms; the provider's discovery document must list the one used.
ALGORITHMS = ("RS256", "ES256", "PS256", "Ed25519")
METADATA_LIFE_MS = 600_000
EXCHANGE_TIMEOUT_S = 5.0
LEEWAY_S, TOKEN_CHARACTERS_MAX, ANSWER_BYTES_MAX = 30, 16_384, 65_536


class ExternalProvider:
    """``client`` is shared by all providers. Raises Unavailable, ProviderRefused."""

    def __init__(self, provider: ProviderSettings, client: httpx.AsyncClient, clock: Clock) -> None:
        self.provider = provider
        self._client = client
        self._clock = clock
        self._metadata: tuple[Metadata, KeySet, int] | None = None

    @property
    def client_id(self) -> str:
        return self.provider.client_id

    @property
    def scope(self) -> str:
        return self.provider.scope

    async def metadata(self) -> Metadata:
        """The discovery document, read again after ten minutes."""
        return (await self._known())[0]

    async def person(self, code: str, *, redirect_uri: str, verifier: str, nonce: str) -> ExternalPerson:
        """The person who logged in, for the code of the callback."""
        metadata, keys, _ = await self._known()
        answer = await self._exchange(metadata, code, redirect_uri, verifier)
        token = answer.get("id_token")
        if not isinstance(token, str) or len(token) > TOKEN_CHARACTERS_MAX:
            raise ProviderRefused("the provider gave no ID token")
        person, algorithm = self._read(token, metadata, keys)
        self._check(person, metadata, nonce)
        if person.at_hash is not None:
            expected = create_half_hash(str(answer.get("access_token", "")), algorithm).decode()
            if not hmac.compare_digest(expected, person.at_hash):
                raise ProviderRefused("the ID token belongs to another access token")
        return person

    async def _known(self) -> tuple[Metadata, KeySet, int]:
        now_ms = self._clock.now_ms()
        if self._metadata is None or now_ms - self._metadata[2] > METADATA_LIFE_MS:
            self._metadata = (*await self._discover(), now_ms)
        return self._metadata

    async def _discover(self) -> tuple[Metadata, KeySet]:
        issuer = self.provider.issuer
        document = await fetch_json(self._client, issuer.rstrip("/") + "/.well-known/openid-configuration")
        try:
            metadata = msgspec.convert(document, Metadata)
        except msgspec.ValidationError as error:
            raise Unavailable(f"the discovery document of {self.provider.id} is not readable: {error}") from error
        endpoints = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
        if metadata.issuer != issuer or not all(map(trusted_address, endpoints)):
            raise Unavailable(
                f"the discovery document of {self.provider.id} is another issuer's, or names unsafe addresses"
            )
        try:
            keys = KeySet.import_key_set(await fetch_json(self._client, metadata.jwks_uri))  # type: ignore[arg-type] # JSON
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise Unavailable(f"the keys of {self.provider.id} are not readable") from error
        return metadata, keys

    async def _exchange(self, metadata: Metadata, code: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": self.provider.client_id,
        }
        secret = self.provider.client_secret.reveal()
        if secret:
            form["client_secret"] = secret
        try:
            answer = await self._client.post(
                metadata.token_endpoint, data=form, follow_redirects=False, timeout=EXCHANGE_TIMEOUT_S
            )
        except httpx.HTTPError as error:
            raise Unavailable(f"{self.provider.id} is away: {type(error).__name__}") from error
        if answer.status_code != 200 or len(answer.content) > ANSWER_BYTES_MAX:
            raise ProviderRefused("the provider did not take its code")
        try:
            return msgspec.json.decode(answer.content, type=dict[str, Any])
        except msgspec.MsgspecError as error:
            raise ProviderRefused("the provider's answer is not readable") from error

    def _read(self, token: str, metadata: Metadata, keys: KeySet) -> tuple[ExternalPerson, str]:
        allowed = [one for one in metadata.id_token_signing_alg_values_supported if one in ALGORITHMS]
        try:
            header = jws.extract_compact(to_bytes(token)).headers()
            # a provider with several keys must name the key used (OpenID Connect Core §10.1)
            named = isinstance(header.get("kid"), str) or len(keys.keys) == 1
            if header.get("alg") not in allowed or not named:
                raise ProviderRefused("the ID token is signed in a way that is not taken here")
            payload = jws.deserialize_compact(token, keys, algorithms=allowed).payload
            return msgspec.json.decode(payload or b"", type=ExternalPerson), str(header["alg"])
        except (JoseError, ValueError, TypeError, msgspec.MsgspecError) as error:
            # the keys may have been rotated: the next login fetches them again
            self._metadata = None
            raise ProviderRefused("the ID token is not valid") from error

    def _check(self, person: ExternalPerson, metadata: Metadata, nonce: str) -> None:
        now_s = self._clock.now_ms() // 1000
        audience = [person.aud] if isinstance(person.aud, str) else person.aud
        ours = self.provider.client_id
        if person.iss != metadata.issuer or ours not in audience or (person.azp or ours) != ours:
            raise ProviderRefused("the ID token is another issuer's, or for another client")
        if len(audience) > 1 and person.azp is None:
            raise ProviderRefused("the ID token is for several clients and does not say for which")
        if now_s > person.exp + LEEWAY_S or person.iat > now_s + LEEWAY_S:
            raise ProviderRefused("the ID token has expired or is not valid yet")
        if not hmac.compare_digest(person.nonce.encode(), nonce.encode()) or not person.sub:
            raise ProviderRefused("the ID token is not of this login")
