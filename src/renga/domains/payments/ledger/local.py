"""The contract in this process."""

from collections.abc import Sequence

import msgspec

from renga.domains.payments.contract.ledger import AccountBalance
from renga.domains.payments.contract.ledger_reading import (
    LEDGER_PAGE_MAX,
    AccountEntriesPage,
    LedgerFault,
    MerchantStatement,
    PostedTransaction,
    TrialBalance,
)
from renga.domains.payments.ledger.ports import LedgerReads, SeesMerchant
from renga.domains.payments.ledger.read_accounts import read_balances, read_entries, read_transaction
from renga.domains.payments.ledger.read_statement import read_statement
from renga.domains.payments.ledger.read_trial_balance import read_trial_balance
from renga.domains.payments.ledger.verify_ledger import verify_ledger
from renga.kernel.caller import Caller


class LocalLedger(msgspec.Struct, frozen=True):
    """Implements ``contract.ledger_reading.Ledger``."""

    reads: LedgerReads
    sees_merchant: SeesMerchant

    async def trial_balance(self, caller: Caller, *, currency: str | None = None, whole: bool = False) -> TrialBalance:
        return await read_trial_balance(self.reads, caller, currency=currency, whole=whole)

    async def balances(self, caller: Caller, account: str) -> Sequence[AccountBalance]:
        return await read_balances(self.reads, caller, account)

    async def entries(
        self, caller: Caller, account: str, *, cursor: str | None = None, limit: int = 50
    ) -> AccountEntriesPage:
        return await read_entries(self.reads, caller, account, cursor=cursor, limit=limit)

    async def transaction(self, caller: Caller, key: str) -> PostedTransaction:
        return await read_transaction(self.reads, caller, key)

    async def statement(
        self,
        caller: Caller,
        merchant: str,
        *,
        first_day: str,
        last_day: str,
        cursor: str | None = None,
        limit: int = LEDGER_PAGE_MAX,
    ) -> MerchantStatement:
        return await read_statement(
            self.reads,
            self.sees_merchant,
            caller,
            merchant,
            first_day=first_day,
            last_day=last_day,
            cursor=cursor,
            limit=limit,
        )

    async def verify(self, caller: Caller) -> Sequence[LedgerFault]:
        return await verify_ledger(self.reads, caller)
