"""RP-initiated logout (OpenID Connect): only who the hint names is logged out; the way back is a known address."""

from collections.abc import Mapping

import msgspec

from renga.domains.identity.contract import ClientNotFound, Clients
from renga.domains.identity.oauth.id_token import IdTokens
from renga.domains.identity.oauth.model import LoggedIn
from renga.domains.identity.oauth.model.errors import RedirectRefused
from renga.domains.identity.oauth.model.redirects import belongs, with_parameters
from renga.domains.identity.settings import IdentitySettings


class Departure(msgspec.Struct, frozen=True):
    """Whether the browser's session ends, and where it goes."""

    ends: bool
    address: str


class EndSession:
    """Without a hint that names the person who is logged in nobody is logged out: any page could ask for it."""

    def __init__(self, clients: Clients, id_tokens: IdTokens, settings: IdentitySettings) -> None:
        self._clients = clients
        self._id_tokens = id_tokens
        self._settings = settings

    async def decide(self, values: Mapping[str, str], person: LoggedIn | None) -> Departure:
        """Raises RedirectRefused, Unavailable."""
        hint = self._id_tokens.hint(values.get("id_token_hint", ""))
        ends = hint is not None and person is not None and hint.sub == person.account_id
        uri = values.get("post_logout_redirect_uri")
        if uri is None:
            return Departure(ends, self._settings.logged_out_path)
        client_id = values.get("client_id") or (hint.aud if hint else "")
        if hint is not None and hint.aud != client_id:
            raise RedirectRefused("the hint is another client's")
        try:
            client = await self._clients.find(client_id)
        except ClientNotFound as error:
            raise RedirectRefused("there is no such client") from error
        if hint is None or not belongs(uri, client.post_logout_redirect_uris):
            raise RedirectRefused()
        state = [("state", values["state"])] if "state" in values else []
        return Departure(ends, with_parameters(uri, state) if state else uri)
