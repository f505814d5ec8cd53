"""RP-initiated logout (OpenID Connect): logs out only the person named by the hint; redirects only to a registered URI."""

from collections.abc import Mapping

import msgspec

from renga.domains.identity.contract import ClientNotFound, Clients
from renga.domains.identity.oauth.id_token import IdTokens
from renga.domains.identity.oauth.model import LoggedIn
from renga.domains.identity.oauth.model.errors import RedirectRefused
from renga.domains.identity.oauth.model.redirects import belongs, with_parameters
from renga.domains.identity.settings import IdentitySettings


class LogoutOutcome(msgspec.Struct, frozen=True):
    """The outcome: whether the browser's session ends, and the URL to redirect to."""

    ends: bool
    address: str


class EndSession:
    """Without a hint that names the logged-in person nobody is logged out, because any site could send the request."""

    def __init__(self, clients: Clients, id_tokens: IdTokens, settings: IdentitySettings) -> None:
        self._clients = clients
        self._id_tokens = id_tokens
        self._settings = settings

    async def decide(self, values: Mapping[str, str], person: LoggedIn | None) -> LogoutOutcome:
        """Raises RedirectRefused, Unavailable."""
        hint = self._id_tokens.hint(values.get("id_token_hint", ""))
        ends = hint is not None and person is not None and hint.sub == person.account_id
        uri = values.get("post_logout_redirect_uri")
        if uri is None:
            return LogoutOutcome(ends, self._settings.logged_out_path)
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
        return LogoutOutcome(ends, with_parameters(uri, state) if state else uri)
