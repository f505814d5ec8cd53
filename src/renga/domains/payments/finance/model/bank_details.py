"""Checks of bank details, and what may be shown of them."""

import re

import msgspec

from renga.domains.payments.contract.commissions import OWNER_CHARS_MAX
from renga.domains.payments.contract.finance_errors import PayoutAccountInvalid, PayoutAccountNotFound
from renga.domains.payments.contract.payouts import (
    BankDetails,
    BrazilianAccount,
    IbanAccount,
    PayoutAccount,
    PayoutAccountDraft,
    PixAccount,
)

LAST = 4
_DRAFT_ENCODE = msgspec.json.Encoder(order="deterministic").encode
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)


def checked_details(draft: PayoutAccountDraft) -> PayoutAccountDraft:
    """The draft without space around the holder's name. Raises PayoutAccountInvalid."""
    holder = draft.holder.strip()
    if not holder or not holder.isprintable():
        raise PayoutAccountInvalid("a holder has a name of printable characters", field="holder")
    if not draft.tax_id.isascii():
        raise PayoutAccountInvalid("a tax id has digits and capital letters", field="tax_id")
    _check_account(draft.account)
    return msgspec.structs.replace(draft, holder=holder)


def _check_account(account: BankDetails) -> None:
    if isinstance(account, IbanAccount):
        if not _IBAN.fullmatch(account.iban) or _remainder(account.iban) != 1:
            raise PayoutAccountInvalid("this is no IBAN: its check digits are wrong", field="account.iban")
    elif isinstance(account, PixAccount):
        if not account.key.isprintable() or " " in account.key:
            raise PayoutAccountInvalid("a Pix key has printable characters without spaces", field="account.key")
    elif not (account.bank + account.branch + account.number).isascii():
        raise PayoutAccountInvalid("bank, branch and number are digits", field="account.number")


def _remainder(iban: str) -> int:
    """ISO 7064 MOD 97-10, as ISO 13616 uses it: 1 for a right IBAN."""
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(one, 36)) for one in turned)) % 97


def last_of(text: str) -> str:
    """What is shown of a number: its last characters, never more than half of it."""
    return text[-min(LAST, len(text) // 2) :] if len(text) > 1 else ""


def shown_account(account: BankDetails) -> str:
    """The last characters of the number, IBAN or key."""
    if isinstance(account, IbanAccount):
        return last_of(account.iban)
    return last_of(account.key if isinstance(account, PixAccount) else account.number)


def encoded_details(draft: PayoutAccountDraft) -> str:
    """The draft as text: equal drafts have equal texts."""
    return _DRAFT_ENCODE(draft).decode()


def shown_details(merchant: str, draft: PayoutAccountDraft) -> PayoutAccount:
    """The account as it is shown."""
    account = draft.account
    return PayoutAccount(
        merchant=merchant,
        kind=account.__struct_config__.tag,  # type: ignore[arg-type]  # the tags are the kinds
        holder=draft.holder,
        tax_id_last=last_of(draft.tax_id),
        account_last=shown_account(account),
        bank=account.bank if isinstance(account, BrazilianAccount) else None,
    )


def checked_merchant(merchant: str) -> str:
    """A merchant's id as the ledger takes it. Raises PayoutAccountNotFound: no merchant has another one."""
    if not 1 <= len(merchant) <= OWNER_CHARS_MAX or not merchant.isprintable() or ":" in merchant:
        raise PayoutAccountNotFound()
    return merchant
