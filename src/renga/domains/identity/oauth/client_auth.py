"""Client authentication (OAuth 2.1 §2.4): none, client_secret_basic, client_secret_post, private_key_jwt; one per request."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from authlib.oauth2.rfc6749.util import extract_basic_authorization  # type: ignore[import-untyped] # authlib ships no types
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE  # type: ignore[import-untyped] # authlib ships no types
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.util import to_bytes

from renga.domains.identity.contract import Client, ClientNotFound, Clients
from renga.domains.identity.oauth.model.errors import ClientRefused, OAuthError
from renga.kernel.clock import Clock
from renga.platform.auth.replays import Replays

#: Algorithms accepted for assertions: asymmetric only.
ASSERTION_ALGORITHMS = ("ES256", "Ed25519", "PS256", "RS256")
#: Longest lifetime of an assertion; the leeway allows for clock differences.
ASSERTION_LIFE_MAX_S, LEEWAY_S = 300, 10
ASSERTION_CHARACTERS_MAX = 8_192
CLIENT_ID_CHARACTERS_MAX = 200


class _AssertionClaims(msgspec.Struct):
    iss: str
    sub: str
    aud: str | list[str]
    exp: int
    jti: str
    iat: int | None = None
    nbf: int | None = None


class ClientAuthentication:
    """Authenticates clients. ``audiences`` are the accepted ``aud`` values of an assertion."""

    def __init__(
        self,
        clients: Clients,
        replays: Replays,
        clock: Clock,
        audiences: frozenset[str],
    ) -> None:
        self._clients = clients
        self._replays = replays
        self._clock = clock
        self._audiences = audiences

    async def client(self, form: Mapping[str, str], authorization: str | None) -> Client:
        """The client that sends this request. Raises ClientRefused, OAuthError (two methods at once), Unavailable."""
        basic = authorization is not None and authorization[:6].lower() == "basic "
        assertion = "client_assertion" in form or "client_assertion_type" in form
        if basic + assertion + ("client_secret" in form) > 1:
            raise OAuthError("a client authenticates in one way, not in two")
        if basic:
            return await self._by_basic(form, authorization or "")
        if assertion:
            return await self._by_assertion(form)
        method = "client_secret_post" if "client_secret" in form else "none"
        client = await self._find(form.get("client_id"))
        if method == "client_secret_post" and not await self._clients.check_secret(client, form["client_secret"]):
            raise ClientRefused()
        return _using(client, method)

    async def _by_basic(self, form: Mapping[str, str], authorization: str) -> Client:
        try:
            client_id, secret = extract_basic_authorization({"Authorization": authorization})
        except ValueError as error:
            raise ClientRefused() from error
        client = await self._find(client_id)
        known = await self._clients.check_secret(client, secret or "")
        if not known or form.get("client_id", client_id) != client_id:
            raise ClientRefused()
        return _using(client, "client_secret_basic")

    async def _by_assertion(self, form: Mapping[str, str]) -> Client:
        assertion = form.get("client_assertion", "")
        if form.get("client_assertion_type") != ASSERTION_TYPE or len(assertion) > ASSERTION_CHARACTERS_MAX:
            raise ClientRefused()
        client = _using(await self._find(_claimed_subject(assertion)), "private_key_jwt")
        if form.get("client_id", client.id) != client.id:
            raise ClientRefused()
        claims = _verified(assertion, client)
        self._check(claims, client)
        used = hashlib.sha256(f"{client.id} {claims.jti}".encode()).hexdigest()
        if not await self._replays.first(f"assertion:{used}", ASSERTION_LIFE_MAX_S + 2 * LEEWAY_S):
            raise ClientRefused("this assertion was used before")
        return client

    def _check(self, claims: _AssertionClaims, client: Client) -> None:
        now_s = self._clock.now_ms() // 1000
        audience = {claims.aud} if isinstance(claims.aud, str) else set(claims.aud)
        if claims.iss != client.id or claims.sub != client.id or not audience & self._audiences:
            raise ClientRefused("the assertion is not this client's, or for another server")
        if not now_s - LEEWAY_S < claims.exp <= now_s + ASSERTION_LIFE_MAX_S + LEEWAY_S:
            raise ClientRefused("the assertion has expired, or lives too long")
        if max(claims.nbf or 0, claims.iat or 0) > now_s + LEEWAY_S or not claims.jti:
            raise ClientRefused("the assertion is not valid yet")

    async def _find(self, client_id: str | None) -> Client:
        if not client_id or len(client_id) > CLIENT_ID_CHARACTERS_MAX:
            raise ClientRefused()
        try:
            return await self._clients.find(client_id)
        except ClientNotFound as error:
            raise ClientRefused() from error


def _using(client: Client, method: str) -> Client:
    if client.auth_method != method:
        raise ClientRefused()
    return client


def _claimed_subject(assertion: str) -> str | None:
    """The subject that an assertion claims, not verified yet."""
    try:
        subject: Any = msgspec.json.decode(jws.extract_compact(to_bytes(assertion)).payload or b"")
    except (JoseError, ValueError, msgspec.MsgspecError) as error:
        raise ClientRefused() from error
    claimed = subject.get("sub") if isinstance(subject, dict) else None
    return claimed if isinstance(claimed, str) else None


def _verified(assertion: str, client: Client) -> _AssertionClaims:
    try:
        keys = KeySet.import_key_set(client.jwks or {"keys": []})  # type: ignore[arg-type] # a plain JSON object
        token = jwt.decode(assertion, keys, algorithms=ASSERTION_ALGORITHMS)
        return msgspec.convert(token.claims, _AssertionClaims)
    except (JoseError, ValueError, TypeError, KeyError, msgspec.MsgspecError) as error:
        raise ClientRefused() from error
