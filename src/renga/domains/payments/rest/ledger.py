"""REST: the ledger for finance, statements for merchants. Answers are not cached by others."""

from typing import Annotated, Protocol

import msgspec
from msgspec import Meta

from renga.domains.payments.contract.errors import (
    LedgerAccountNotFound,
    LedgerInvalid,
    LedgerTransactionNotFound,
)
from renga.domains.payments.contract.ledger_reading import (
    LEDGER_PAGE_MAX,
    READING_LEDGER,
    READING_STATEMENTS,
    Ledger,
)
from renga.domains.payments.rest.ledger_documents import (
    AccountEntriesView,
    LedgerAccountView,
    LedgerTransactionView,
    MerchantStatementView,
    TrialBalanceView,
    account_view,
    entries_view,
    statement_view,
    transaction_view,
    trial_view,
)
from renga.kernel.caller import InsufficientScope
from renga.kernel.errors import Invalid, TooManyRequests, Unauthenticated, Unavailable
from renga.platform.auth.access import Access
from renga.platform.http.lean import Answer, Call, Operation

_encode = msgspec.json.encode
_NO_STORE = (b"cache-control", b"private, no-store")
_READING = (Unauthenticated, InsufficientScope, TooManyRequests, Invalid, Unavailable)
_FINANCE = Access(scopes=(READING_LEDGER,), objects="the whole ledger")
_MERCHANTS = Access(
    scopes=(READING_STATEMENTS,),
    instead=(READING_LEDGER,),
    objects="statements of the caller's merchants; of every merchant with `ledger:read`",
)
_ACCOUNT_HELP = {"account": "The account: its kind, then what it belongs to, such as `merchant:house`."}

Limit = Annotated[int, Meta(description=f"Items on the page, from 1 to {LEDGER_PAGE_MAX}.", ge=1, le=LEDGER_PAGE_MAX)]
Cursor = Annotated[
    Annotated[str, Meta(min_length=1)] | None, Meta(description="`next` of the previous page of the same list.")
]
Day = Annotated[str, Meta(description="A day in UTC; the whole day belongs to the period.", examples=["2026-11-30"])]


class TrialQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of the trial balance."""

    currency: Annotated[str | None, Meta(description="Only this currency (ISO 4217).")] = None


class AccountEntriesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Query of an account's entries."""

    limit: Limit = 50
    cursor: Cursor = None


class StatementQuery(msgspec.Struct, frozen=True, kw_only=True, rename={"first_day": "from", "last_day": "to"}):
    """Query of a merchant's statement."""

    merchant: Annotated[str, Meta(description="The merchant's id.", examples=["house"])]
    first_day: Day
    last_day: Day
    limit: Limit = LEDGER_PAGE_MAX
    cursor: Cursor = None


class LedgerHolder(Protocol):
    """Payments in this process; their ledger is asked for with each call."""

    @property
    def ledger(self) -> Ledger: ...


def operations(holder: LedgerHolder) -> list[Operation]:
    """The operations below ``/v1/ledger``."""

    async def trial(call: Call) -> Answer:
        found = await holder.ledger.trial_balance(call.caller, currency=call.query(TrialQuery).currency)
        return Answer(200, _encode(trial_view(found)), [_NO_STORE])

    async def account(call: Call) -> Answer:
        name = call.parameters["account"]
        found = await holder.ledger.balances(call.caller, name)
        return Answer(200, _encode(account_view(name, found)), [_NO_STORE])

    async def entries(call: Call) -> Answer:
        asked = call.query(AccountEntriesQuery)
        page = await holder.ledger.entries(
            call.caller, call.parameters["account"], cursor=asked.cursor, limit=asked.limit
        )
        return Answer(200, _encode(entries_view(page)), [_NO_STORE])

    async def transaction(call: Call) -> Answer:
        found = await holder.ledger.transaction(call.caller, call.parameters["key"])
        return Answer(200, _encode(transaction_view(found)), [_NO_STORE])

    async def statement(call: Call) -> Answer:
        asked = call.query(StatementQuery)
        found = await holder.ledger.statement(
            call.caller, asked.merchant, first_day=asked.first_day, last_day=asked.last_day,
            cursor=asked.cursor, limit=asked.limit,
        )  # fmt: skip
        return Answer(200, _encode(statement_view(found)), [_NO_STORE])

    return [
        Operation(
            method="GET", path="/v1/ledger/trial-balance", handler=trial, access=_FINANCE, rate="read",
            id="readTrialBalance", summary="All accounts by kind and currency", tag="ledger", answer=TrialBalanceView,
            query=TrialQuery, errors=(*_READING, LedgerInvalid),
            description="`balanced` says that every currency sums to zero. `renga ledger verify` checks what it is made of.",
        ),
        Operation(
            method="GET", path="/v1/ledger/accounts/{account}", handler=account, access=_FINANCE, rate="read",
            id="readLedgerAccount", summary="The balances of an account", tag="ledger", answer=LedgerAccountView,
            path_help=_ACCOUNT_HELP, errors=(*_READING, LedgerInvalid, LedgerAccountNotFound),
        ),
        Operation(
            method="GET", path="/v1/ledger/accounts/{account}/entries", handler=entries, access=_FINANCE, rate="read",
            id="listLedgerEntries", summary="The entries of an account, newest first", tag="ledger",
            answer=AccountEntriesView, query=AccountEntriesQuery, path_help=_ACCOUNT_HELP, errors=(*_READING, LedgerInvalid),
        ),
        Operation(
            method="GET", path="/v1/ledger/transactions/{key}", handler=transaction, access=_FINANCE, rate="read",
            id="readLedgerTransaction", summary="A transaction with its entries", tag="ledger",
            answer=LedgerTransactionView, path_help={"key": "The transaction's key."},
            errors=(*_READING, LedgerTransactionNotFound),
        ),
        Operation(
            method="GET", path="/v1/ledger/statement", handler=statement, access=_MERCHANTS, rate="read",
            id="readMerchantStatement", summary="What moved on a merchant's account in a period", tag="ledger",
            answer=MerchantStatementView, query=StatementQuery, errors=(*_READING, LedgerInvalid, LedgerAccountNotFound),
            description="Positive amounts are what the shop owes the merchant. Of each currency `opening` and the lines of all "
            "pages sum to `closing`.",
        ),
    ]  # fmt: skip
