"""Events of accounts. Routing keys are ``identity.<Event>``; the subject is the account's id. No event holds personal data."""

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
    """A new account exists; read details from identity. ``stakeholders`` are its kinds."""

    account_id: AccountId
    stakeholders: Annotated[tuple[str, ...], Meta(description="The kinds of the account.", examples=[["customer"]])]
    language: Annotated[str, Meta(description="The account's language (BCP 47).", examples=["pt-BR"])]


class EmailVerified(IdentityFact, frozen=True, kw_only=True):
    """The owner has proved that the e-mail address is theirs."""

    account_id: AccountId


class PasswordChanged(IdentityFact, frozen=True, kw_only=True):
    """Earlier sessions and refresh tokens have ended, except the session ``kept_session``."""

    account_id: AccountId
    kept_session: Annotated[
        str | None, Meta(description="The session that stays valid, if any.", examples=["Zk3v9w"])
    ] = None


class AccountErased(IdentityFact, frozen=True, kw_only=True):
    """The personal data of this account was erased: consumers must erase theirs too."""

    account_id: AccountId


class AccountLocked(IdentityFact, frozen=True, kw_only=True):
    """An administrator locked the account: earlier sessions and tokens have ended, API keys do not work."""

    account_id: AccountId


class AccountUnlocked(IdentityFact, frozen=True, kw_only=True):
    """An administrator unlocked the account: logins work again."""

    account_id: AccountId


class BuyerFactsChanged(IdentityFact, frozen=True, kw_only=True):
    """Customer groups, a verified tax number or an exemption of the account changed: ask identity which count now."""

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


#: Every event that this domain publishes.
EVENTS: tuple[type[Fact], ...] = (
    AccountRegistered,
    EmailVerified,
    PasswordChanged,
    AccountErased,
    AccountLocked,
    AccountUnlocked,
    BuyerFactsChanged,
    MerchantApproved,
    MerchantRejected,
)
