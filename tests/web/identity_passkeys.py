"""Accounts in memory whose passkeys are real: the ceremonies of WebAuthn as the shop itself does them."""

import secrets
from typing import Any

from renga.domains.identity.accounts.model.values import PasskeyRecord
from renga.domains.identity.accounts.model.values import Person as Record
from renga.domains.identity.accounts.passkeys import shown
from renga.domains.identity.accounts.providers.webauthn import WebAuthnCeremonies
from renga.domains.identity.contract import Authenticated, CallOrigin, PasskeyRefused
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.once import Once
from tests.web.identity_fakes import FakeAccounts


class PasskeyAccounts(FakeAccounts):
    """For a shop at ``public_url``."""

    def __init__(self, clock: Clock, public_url: str) -> None:
        super().__init__(clock)
        self._ceremonies = WebAuthnCeremonies(public_url)
        self._records: dict[bytes, PasskeyRecord] = {}
        self._challenges: set[bytes] = set()

    def _challenge(self) -> bytes:
        challenge = secrets.token_bytes(32)
        self._challenges.add(challenge)
        return challenge

    def _take(self, credential: dict[str, Any]) -> bytes:
        challenge = self._ceremonies.challenge_of(credential)
        if challenge not in self._challenges:
            raise PasskeyRefused
        self._challenges.remove(challenge)
        return challenge

    async def start_passkey(self, caller: Caller, *, once: Once | None = None) -> dict[str, Any]:
        account_id = caller.identified()
        account = self.people[account_id].account
        record = Record(
            id=account.id,
            email=account.email,
            verified_ms=1,
            name=account.name,
            language=account.language,
            stakeholders=account.stakeholders,
            password=None,
            created_ms=1,
        )
        known = [one for one in self._records.values() if one.account_id == account_id]
        return self._ceremonies.creation_options(record, self._challenge(), known)

    async def finish_passkey(
        self, caller: Caller, credential: dict[str, Any], name: str, *, once: Once | None = None
    ) -> None:
        account_id = caller.identified()
        challenge, now = self._take(credential), self.clock.now_ms()
        made = self._ceremonies.check_creation(credential, challenge, account_id=account_id, name=name, now_ms=now)
        self._records[made.credential_id] = made
        self.keep_passkey(self.people[account_id], shown(made).id, name)

    async def start_passkey_login(self) -> tuple[str, dict[str, Any]]:
        challenge = self._challenge()
        return challenge.hex(), self._ceremonies.request_options(challenge)

    async def passkey_login(self, challenge: str, credential: dict[str, Any], origin: CallOrigin) -> Authenticated:
        record = self._records.get(self._ceremonies.credential_id_of(credential))
        if record is None or self._ceremonies.challenge_of(credential).hex() != challenge:
            raise PasskeyRefused
        self._ceremonies.check_request(credential, self._take(credential), record)
        return self.by_passkey(self.people[record.account_id])
