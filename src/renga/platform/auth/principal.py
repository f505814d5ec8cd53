"""Who calls, whatever the proof was: an access token, an API key, a web session."""

from typing import Literal

import msgspec


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticated caller.

    ``subject``    the account (or the client itself, for client credentials)
    ``scopes``     what this proof allows, never more than the subject may
    ``kind``       what proved it
    ``merchants``  ids of the merchants whose products and order parts are hers
    ``client_id``  the OAuth client, ``key_id`` the API key, ``session_id`` the web session, ``token_id`` the JWT's ``jti``
    ``limit``      requests per minute and burst that an API key carries
    """

    subject: str
    scopes: frozenset[str]
    kind: Literal["token", "api_key", "session"] = "token"
    merchants: frozenset[str] = frozenset()
    client_id: str | None = None
    key_id: str | None = None
    session_id: str | None = None
    token_id: str | None = None
    limit: tuple[int, int] | None = None

    @property
    def is_service(self) -> bool:
        """May act on every customer's carts (scope ``carts:any``)."""
        return "carts:any" in self.scopes

    @property
    def reach(self) -> frozenset[str] | None:
        """The merchants whose products are hers to manage; None: all of them.

        The whole catalogue belongs to who has ``catalog:manage``, and to a service's own token (RFC 9068 §2.2: its subject is the
        client itself).
        """
        own_name = self.kind == "token" and self.client_id is not None and self.client_id == self.subject
        if "catalog:manage" in self.scopes or (own_name and "catalog:write" in self.scopes):
            return None
        return self.merchants

    @property
    def customer(self) -> str | None:
        """The subject as owner of carts; a service owns none."""
        return None if self.is_service else self.subject
