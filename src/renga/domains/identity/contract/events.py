"""Facts of accounts. Routing keys are ``identity.<Event>``; the subject is the account's id. They name nobody."""

from typing import Annotated, ClassVar

from msgspec import Meta

from renga.kernel.facts import Fact

AccountId = Annotated[
    str,
    Meta(description="The account's id; also the event's subject.", examples=["019aa5d8-2b00-7000-8000-00000000000a"]),
]


class IdentityFact(Fact, frozen=True, kw_only=True):
    """A fact of this domain."""

    DOMAIN: ClassVar[str] = "identity"


class AccountRegistered(IdentityFact, frozen=True, kw_only=True):
    """There is a new account; ask identity for details. ``stakeholders`` is what it may act as."""

    account_id: AccountId
    stakeholders: Annotated[tuple[str, ...], Meta(description="What it may act as.", examples=[["customer"]])]
    language: Annotated[str, Meta(description="The language that it reads (BCP 47).", examples=["pt-BR"])]


class EmailVerified(IdentityFact, frozen=True, kw_only=True):
    """She has proved that the address is hers."""

    account_id: AccountId


class PasswordChanged(IdentityFact, frozen=True, kw_only=True):
    """Sessions and refresh tokens from before are over, but the session ``kept_session``."""

    account_id: AccountId
    kept_session: Annotated[
        str | None, Meta(description="The one session that stays, if one.", examples=["Zk3v9w"])
    ] = None


class AccountErased(IdentityFact, frozen=True, kw_only=True):
    """The person behind this id is forgotten: whoever keeps something about her forgets it too."""

    account_id: AccountId


class AccountLocked(IdentityFact, frozen=True, kw_only=True):
    """An administrator has closed it to everybody: sessions and tokens from before are over, keys do not work."""

    account_id: AccountId


class AccountUnlocked(IdentityFact, frozen=True, kw_only=True):
    """She may log in again."""

    account_id: AccountId


MerchantId = Annotated[
    str,
    Meta(description="The merchant's id; also the event's subject.", examples=["019aa5d8-2b00-7000-8000-00000000000b"]),
]


class MerchantApproved(IdentityFact, frozen=True, kw_only=True):
    """An administrator lets a new merchant sell: its members manage its products from now on."""

    merchant_id: MerchantId


class MerchantRejected(IdentityFact, frozen=True, kw_only=True):
    """An administrator does not let a new merchant sell; ask identity for the reason."""

    merchant_id: MerchantId


#: Every fact that this domain tells.
EVENTS: tuple[type[Fact], ...] = (
    AccountRegistered,
    EmailVerified,
    PasswordChanged,
    AccountErased,
    AccountLocked,
    AccountUnlocked,
    MerchantApproved,
    MerchantRejected,
)
