"""Facts of accounts. Routing keys are ``identity.<Event>``; the subject is the account's id. They name nobody."""

from typing import ClassVar

from renga.kernel.facts import Fact


class IdentityFact(Fact, frozen=True, kw_only=True):
    """A fact of this domain."""

    DOMAIN: ClassVar[str] = "identity"


class AccountRegistered(IdentityFact, frozen=True, kw_only=True):
    """There is a new account; ask identity for details. ``stakeholders`` is what it may act as."""

    account_id: str
    stakeholders: tuple[str, ...]
    language: str


class EmailVerified(IdentityFact, frozen=True, kw_only=True):
    """She has proved that the address is hers."""

    account_id: str


class PasswordChanged(IdentityFact, frozen=True, kw_only=True):
    """Sessions and refresh tokens from before are over, but the session ``kept_session``."""

    account_id: str
    kept_session: str | None = None


class AccountErased(IdentityFact, frozen=True, kw_only=True):
    """The person behind this id is forgotten: whoever keeps something about her forgets it too."""

    account_id: str


class AccountLocked(IdentityFact, frozen=True, kw_only=True):
    """An administrator has closed it to everybody: sessions and tokens from before are over, keys do not work."""

    account_id: str


class AccountUnlocked(IdentityFact, frozen=True, kw_only=True):
    """She may log in again."""

    account_id: str


#: Every fact that this domain tells.
EVENTS: tuple[type[Fact], ...] = (
    AccountRegistered,
    EmailVerified,
    PasswordChanged,
    AccountErased,
    AccountLocked,
    AccountUnlocked,
)
