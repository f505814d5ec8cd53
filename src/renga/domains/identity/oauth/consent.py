"""Open consent requests of the authorization server: read one, and decide it once."""

from urllib.parse import quote

import msgspec

from renga.domains.identity.contract import (
    AccountNotFound,
    Accounts,
    ClientNotFound,
    Clients,
    ConsentNotFound,
    PendingConsent,
)
from renga.domains.identity.oauth.authorize import HANDLE_CHARACTERS_MAX, PATH
from renga.domains.identity.oauth.model import OpenRequest
from renga.domains.identity.oauth.model.redirects import origin_of
from renga.domains.identity.oauth.ports import PendingRequestStore
from renga.domains.identity.settings import IdentitySettings
from renga.kernel.caller import Caller


class ConsentDecisions:
    """``contract.Consents``.

    ``decide`` returns our authorization endpoint, which checks browser and login again before it issues a code.
    """

    def __init__(
        self, clients: Clients, accounts: Accounts, memory: PendingRequestStore, settings: IdentitySettings
    ) -> None:
        self._clients = clients
        self._accounts = accounts
        self._memory = memory
        self._settings = settings

    async def pending(self, caller: Caller, request_id: str) -> PendingConsent:
        opened = await self._asked(caller, request_id)
        try:
            client = await self._clients.find(opened.request.client_id)
            account = await self._accounts.find(caller)
        except (ClientNotFound, AccountNotFound) as error:
            raise ConsentNotFound() from error
        return PendingConsent(
            client_name=client.name,
            redirect_host=origin_of(opened.request.redirect_uri),
            scopes=opened.granted,
            account_email=account.email,
        )

    async def decide(self, caller: Caller, request_id: str, allow: bool) -> str:
        await self._asked(caller, request_id)
        opened = await self._memory.take_opened(request_id)
        if opened is None or opened.account_id != caller.identified() or opened.decision is not None:
            raise ConsentNotFound()
        if allow:
            try:
                await self._clients.consent(caller, opened.request.client_id, opened.granted)
            except (ClientNotFound, AccountNotFound) as error:
                raise ConsentNotFound() from error
        decided = msgspec.structs.replace(opened, decision="allow" if allow else "deny")
        await self._memory.open(request_id, decided, self._settings.request_life_s)
        return f"{PATH}?resume={quote(request_id, safe='')}"

    async def _asked(self, caller: Caller, request_id: str) -> OpenRequest:
        opened = await self._memory.opened(request_id) if len(request_id) <= HANDLE_CHARACTERS_MAX else None
        if opened is None or opened.account_id != caller.identified() or opened.decision is not None:
            raise ConsentNotFound()
        return opened
