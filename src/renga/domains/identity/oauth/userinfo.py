"""UserInfo (OpenID Connect Core §5.3): claims about the person, for a token with ``openid``."""

from typing import Any

from authlib.oidc.core.claims import UserInfo  # type: ignore[import-untyped] # authlib ships no types

from renga.domains.identity.contract import AccountNotFound, Accounts
from renga.kernel.errors import Unauthenticated
from renga.platform.auth.access import InsufficientScope
from renga.platform.auth.principal import Principal


class UserInfoEndpoint:
    """The scope ``profile`` gives name and language, ``email`` the address."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def answer(self, principal: Principal) -> dict[str, Any]:
        """Raises InsufficientScope, Unauthenticated (the account is gone), Unavailable."""
        if "openid" not in principal.scopes:
            raise InsufficientScope("this needs the scope openid", scope="openid")
        try:
            account = await self._accounts.find(principal.caller)
        except AccountNotFound as error:
            raise Unauthenticated("this account is closed") from error
        everything = UserInfo(
            sub=account.id,
            name=account.name,
            locale=account.language,
            email=account.email,
            email_verified=account.email_verified,
        )
        return dict(everything.filter(" ".join(principal.scopes)))
