"""Pushed authorization requests (RFC 9126): the client sends its request directly and gets a handle for one use."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from renga.domains.identity.contract import Client
from renga.domains.identity.oauth.authorize_params import read_request
from renga.domains.identity.oauth.id_token import IdTokens
from renga.domains.identity.oauth.model.errors import OAuthError, RedirectRefused
from renga.domains.identity.oauth.ports import PendingRequestStore
from renga.domains.identity.settings import IdentitySettings
from renga.kernel.clock import Clock

URI_PREFIX = "urn:ietf:params:oauth:request_uri:"
HANDLE_CHARACTERS_MAX = 64


class PushRequests:
    """Stores pushed requests for ``par_life_s`` seconds."""

    def __init__(
        self, memory: PendingRequestStore, id_tokens: IdTokens, settings: IdentitySettings, clock: Clock
    ) -> None:
        self._memory = memory
        self._id_tokens = id_tokens
        self._settings = settings
        self._clock = clock

    async def push(self, client: Client, values: Mapping[str, str], thumbprint: str | None) -> dict[str, Any]:
        """The answer. ``thumbprint`` is the key of the request's DPoP proof. Raises OAuthError."""
        if "request_uri" in values:
            raise OAuthError("a pushed request has no request_uri")
        try:
            request = read_request(client, values, read_hint=self._id_tokens.hint, now_ms=self._clock.now_ms())
        except RedirectRefused as error:
            raise OAuthError(error.detail) from error
        if thumbprint is not None:
            if request.thumbprint not in (None, thumbprint):
                raise OAuthError("dpop_jkt and the DPoP proof name different keys")
            request = msgspec.structs.replace(request, thumbprint=thumbprint)
        handle = secrets.token_urlsafe(32)
        await self._memory.push(handle, request, self._settings.par_life_s)
        return {"request_uri": URI_PREFIX + handle, "expires_in": self._settings.par_life_s}


def handle_of(request_uri: str) -> str | None:
    """The handle in a request_uri of ours."""
    handle = request_uri.removeprefix(URI_PREFIX)
    return handle if handle != request_uri and 0 < len(handle) <= HANDLE_CHARACTERS_MAX else None
