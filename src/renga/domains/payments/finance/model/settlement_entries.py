"""The ledger transaction of one line of a settlement file."""

from collections.abc import Mapping, Sequence

from renga.domains.payments.contract.ledger import LedgerEntry, LedgerTransaction

SETTLEMENT = "settlement"


def settlement_key(provider: str, line_id: str) -> str:
    """Each line is written once."""
    return f"settlement:{provider}:{line_id}"


def settled_transaction(
    *,
    key: str,
    provider: str,
    reference: str,
    currency: str,
    gross: int,
    fee: int,
    net: int,
    from_accounts: Sequence[tuple[str, int]],
) -> LedgerTransaction | None:
    """``gross`` leaves the accounts that the provider owed it on; ``net`` is at the bank and ``fee`` is paid.

    None: the line moves nothing.
    """  # fmt: skip
    amounts = [(f"bank:{provider}", net), (f"fees:{provider}", fee), *((name, -part) for name, part in from_accounts)]
    entries = tuple(LedgerEntry(account, amount, currency) for account, amount in amounts if amount)
    if not entries:
        return None
    return LedgerTransaction(key=key, kind=SETTLEMENT, reference=reference, entries=entries)


def owed_accounts(provider: str, gross: int, of: int, owed: Mapping[str, int]) -> list[tuple[str, int]]:
    """On which accounts of the payment the provider owed ``gross``. ``owed``: what is left on them, by account.

    Instalments have an account for each due day: the one that owes exactly this, else the earliest ones. What no account owes
    (a refund, a dispute, more than was captured) is on the provider's clearing account.
    """
    clearing = f"clearing:{provider}"
    if of <= 1 or gross <= 0:
        return [(clearing, gross)]
    due = sorted((name, left) for name, left in owed.items() if name != clearing and left > 0)
    exact = next((name for name, left in due if left == gross), None)
    if exact is not None:
        return [(exact, gross)]
    parts, rest = [], gross
    for name, left in due:
        if rest:
            part = min(left, rest)
            parts.append((name, part))
            rest -= part
    return [*parts, (clearing, rest)] if rest else parts
