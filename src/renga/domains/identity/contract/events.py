"""Facts of accounts. Routing keys are ``identity.<Event>``; the subject is the account's id. They name nobody."""

import msgspec


class AccountRegistered(msgspec.Struct, frozen=True, kw_only=True):
    """There is a new account; ask identity for details. ``stakeholders`` is what it may act as."""

    account_id: str
    stakeholders: tuple[str, ...]
    language: str


class EmailVerified(msgspec.Struct, frozen=True, kw_only=True):
    """She has proved that the address is hers."""

    account_id: str


class PasswordChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions and refresh tokens from before are over, but the session ``kept_session``."""

    account_id: str
    kept_session: str | None = None


class AccountErased(msgspec.Struct, frozen=True, kw_only=True):
    """The person behind this id is forgotten: whoever keeps something about her forgets it too."""

    account_id: str


class AccountLocked(msgspec.Struct, frozen=True, kw_only=True):
    """An administrator has closed it to everybody: sessions and tokens from before are over, keys do not work."""

    account_id: str


class AccountUnlocked(msgspec.Struct, frozen=True, kw_only=True):
    """She may log in again."""

    account_id: str
