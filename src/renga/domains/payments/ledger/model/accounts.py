"""Names of accounts: a kind, and what it belongs to."""

from renga.domains.payments.contract.errors import LedgerInvalid
from renga.domains.payments.contract.ledger import ACCOUNT_CHARS_MAX, ACCOUNT_KINDS

#: Kinds of which there is one account for the whole shop; all others belong to something.
WHOLE_SHOP = frozenset({"commission", "platform", "tax", "shipping", "rounding"})


def kind_of(account: str) -> str:
    """The kind of an account's name."""
    return account.partition(":")[0]


def checked_account(account: str) -> str:
    """The name, if it is one. Raises LedgerInvalid."""
    kind, colon, owner = account.partition(":")
    if kind not in ACCOUNT_KINDS:
        raise LedgerInvalid(f"{kind[:40]!r} is no kind of account", field="account")
    if len(account) > ACCOUNT_CHARS_MAX or not account.isprintable():
        raise LedgerInvalid(f"an account has at most {ACCOUNT_CHARS_MAX} printable characters", field="account")
    if kind in WHOLE_SHOP and colon:
        raise LedgerInvalid(f"there is one account {kind!r}, which belongs to nothing", field="account")
    if kind not in WHOLE_SHOP and not owner:
        raise LedgerInvalid(f"an account {kind!r} belongs to something: {kind}:…", field="account")
    return account
