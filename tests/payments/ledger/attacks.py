"""Attempts to bring the ledger out of balance in SQL, each with what must refuse it."""

import msgspec

_TX = "INSERT INTO payments.ledger_transactions (key, digest, kind, reference, at_ms, entries)"
_ENTRY = "INSERT INTO payments.ledger_entries (transaction, position, entries, account, currency, amount)"
#: The number that the newest transaction of this session was given.
LAST = "(SELECT max(id) FROM payments.ledger_transactions)"
BOOKED = "(SELECT id FROM payments.ledger_transactions WHERE key = 'booked')"


def begun(key: str, entries: int) -> str:
    return f"{_TX} VALUES ('{key}', sha256('{key}'), 'capture', 'order:9', 1, {entries});"


def line(
    position: int, of: int, account: str, amount: int | str, currency: str = "BRL", transaction: str = LAST
) -> str:
    return f"{_ENTRY} VALUES ({transaction}, {position}, {of}, '{account}', '{currency}', {amount});"


def pair(account: str, amount: int | str, currency: str = "BRL") -> str:
    """A transaction in three statements: the account's entry and its opposite."""
    return begun("new", 2) + line(1, 2, account, amount, currency) + line(2, 2, "tax", f"-({amount})", currency)


class Attack(msgspec.Struct, frozen=True):
    """``refused_by``: every constraint or trigger without which the attack would succeed, and nothing else does."""

    name: str
    sql: str
    refused_by: str


#: What is committed before: transaction ``booked`` with 100 on clearing:sim and -100 on merchant:house.
ATTACKS = (
    Attack("sum is not zero", begun("new", 2) + line(1, 2, "tax", 100) + line(2, 2, "platform", -99), "check"),
    Attack(
        "currencies cancel each other",
        begun("new", 2) + line(1, 2, "tax", 100) + line(2, 2, "platform", -100, "USD"),
        "check",
    ),
    Attack("no entries", begun("new", 2), "check"),
    Attack("fewer entries than said", begun("new", 3) + line(1, 3, "tax", 1) + line(2, 3, "platform", -1), "check"),
    Attack("no entries, and says so", begun("new", 0), "ledger_transactions_entries_check"),
    Attack("one entry of one", begun("new", 1) + line(1, 1, "tax", 1), "ledger_transactions_entries_check"),
    Attack(
        "balanced, checked, then one more",
        pair("platform", 1) + "SET CONSTRAINTS ALL IMMEDIATE;" + line(3, 2, "platform", 1),
        "ledger_within",
    ),
    Attack(
        "checked in a savepoint that is taken back",
        begun("new", 2) + "SAVEPOINT s;" + line(1, 2, "tax", 1) + line(2, 2, "platform", -1)
        + "SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK TO s;",
        "check",
    ),
    Attack("later: one more place", line(3, 2, "platform", 5, transaction=BOOKED), "ledger_within"),
    Attack("later: place zero", line(0, 2, "platform", 5, transaction=BOOKED), "ledger_within"),
    Attack("later: another size", line(3, 3, "platform", 5, transaction=BOOKED), "ledger_sealed"),
    Attack("later: a place that is taken", line(1, 2, "platform", 5, transaction=BOOKED), "ledger_place"),
    Attack(
        "later: a balanced pair",
        line(3, 4, "platform", 5, transaction=BOOKED) + line(4, 4, "tax", -5, transaction=BOOKED),
        "ledger_sealed",
    ),
    Attack("entries of no transaction", line(1, 2, "tax", 1, transaction="9999"), "ledger_sealed"),
    Attack("another kind of account", pair("merchants:house", 1), "ledger_account"),
    Attack("a kind in capitals", pair("Merchant:house", 1), "ledger_account"),
    Attack("an account without a kind", pair("", 1), "ledger_account"),
    Attack("an account of two lines", pair("merchant:a\nb", 1), "ledger_account"),
    Attack("an account that is too long", pair("merchant:" + "a" * 192, 1), "ledger_account"),
    Attack("zero", pair("platform", 0), "ledger_amount"),
    Attack("more than an amount may be", pair("platform", 2**53), "ledger_amount"),
    Attack("int64", pair("platform", 2**63 - 1), "ledger_amount"),
    Attack("a currency in small letters", pair("platform", 1, "brl"), "ledger_currency"),
    Attack("no currency", pair("platform", 1, ""), "ledger_currency"),
    Attack("the same key", pair("platform", 1).replace("'new'", "'booked'"), "ledger_key"),
    Attack("an entry is changed", "UPDATE payments.ledger_entries SET amount = 2 * amount", "keep_ledger_entries"),
    Attack(
        "an entry moves to another account",
        "UPDATE payments.ledger_entries SET account = 'platform' WHERE account = 'merchant:house'",
        "keep_ledger_entries",
    ),
    Attack("an entry goes", "DELETE FROM payments.ledger_entries", "keep_ledger_entries"),
    Attack(
        "an upsert",
        line(1, 2, "tax", 5, transaction=BOOKED).rstrip(";")
        + " ON CONFLICT (transaction, position) DO UPDATE SET amount = excluded.amount",
        "keep_ledger_entries",
    ),
    Attack(
        "a merge",
        f"MERGE INTO payments.ledger_entries e USING (SELECT {BOOKED} AS id) n ON e.transaction = n.id "
        "WHEN MATCHED THEN DELETE",
        "keep_ledger_entries",
    ),
    Attack("all entries go", "TRUNCATE payments.ledger_entries", "keep_all_ledger_entries"),
    Attack(
        "a transaction is renamed", "UPDATE payments.ledger_transactions SET key = 'other'", "keep_ledger_transactions"
    ),
    Attack("a transaction is dated back", "UPDATE payments.ledger_transactions SET at_ms = 0", "keep_ledger_transactions"),
    Attack(
        "a transaction without entries goes",
        begun("new", 2) + "DELETE FROM payments.ledger_transactions WHERE key = 'new'",
        "keep_ledger_transactions",
    ),
)  # fmt: skip

TRIGGERS = {
    "check": "DROP TRIGGER check_ledger_transaction ON payments.ledger_transactions",
    "keep_ledger_entries": "DROP TRIGGER keep_ledger_entries ON payments.ledger_entries",
    "keep_all_ledger_entries": "DROP TRIGGER keep_all_ledger_entries ON payments.ledger_entries",
    "keep_ledger_transactions": "DROP TRIGGER keep_ledger_transactions ON payments.ledger_transactions",
}
CONSTRAINTS = {
    "ledger_key": "ledger_transactions",
    "ledger_transactions_entries_check": "ledger_transactions",
    **dict.fromkeys(
        ("ledger_place", "ledger_sealed", "ledger_within", "ledger_amount", "ledger_currency", "ledger_account"),
        "ledger_entries",
    ),
}
#: How each protection is taken away.
DROPS = TRIGGERS | {
    name: f"ALTER TABLE payments.{table} DROP CONSTRAINT {name} CASCADE" for name, table in CONSTRAINTS.items()
}
