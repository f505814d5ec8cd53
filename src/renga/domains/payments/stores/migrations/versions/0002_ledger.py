"""The ledger: transactions, entries, the triggers that keep them balanced and unchanged, checkpoints.

A transaction says how many entries it has. Its entries are numbered 1 to that number, and each repeats it, so that the keys
leave no place for a further entry: what was balanced once stays so. One deferred trigger per transaction checks the number
and the sums.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: 2**53 - 1, as ``kernel.money.AMOUNT_MAX``.
_AMOUNT_MAX = 9_007_199_254_740_991
_KINDS = (
    "customer", "clearing", "receivable", "bank", "merchant", "payout", "commission", "platform", "tax", "shipping", "fees",
    "gift_card", "store_credit", "held", "refunds", "disputes", "rounding", "conversion",
)  # fmt: skip

_TABLES = (
    "CREATE SEQUENCE payments.ledger_transaction_ids",
    """
    CREATE TABLE payments.ledger_transactions (
        id        bigint   PRIMARY KEY,
        key       text     COLLATE "C" NOT NULL CONSTRAINT ledger_key UNIQUE CHECK (length(key) BETWEEN 1 AND 200),
        digest    bytea    NOT NULL CHECK (octet_length(digest) = 32),
        kind      text     COLLATE "C" NOT NULL CHECK (kind ~ '^[a-z_]{1,40}$'),
        reference text     COLLATE "C" NOT NULL CHECK (length(reference) BETWEEN 1 AND 120),
        at_ms     bigint   NOT NULL CHECK (at_ms BETWEEN 0 AND 253402300799999),
        entries   smallint NOT NULL CHECK (entries BETWEEN 2 AND 500),
        CONSTRAINT ledger_size UNIQUE (id, entries)
    )
    """,
    f"""
    CREATE TABLE payments.ledger_entries (
        transaction bigint   NOT NULL,
        position    smallint NOT NULL,
        entries     smallint NOT NULL,
        amount      bigint   NOT NULL,
        currency    text     COLLATE "C" NOT NULL CONSTRAINT ledger_currency CHECK (
            length(currency) = 3 AND translate(currency, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '') = ''
        ),
        account     text     COLLATE "C" NOT NULL,
        CONSTRAINT ledger_place PRIMARY KEY (transaction, position),
        CONSTRAINT ledger_sealed FOREIGN KEY (transaction, entries) REFERENCES payments.ledger_transactions (id, entries),
        CONSTRAINT ledger_within CHECK (position BETWEEN 1 AND entries),
        CONSTRAINT ledger_amount CHECK (amount <> 0 AND amount BETWEEN -{_AMOUNT_MAX} AND {_AMOUNT_MAX}),
        CONSTRAINT ledger_account CHECK (
            length(account) <= 200 AND strpos(account, E'\\n') = 0
            AND split_part(account, ':', 1) IN ({", ".join(f"'{kind}'" for kind in _KINDS)})
        )
    )
    """,
    # Balances and lists of an account read this index alone.
    """
    CREATE INDEX ledger_entries_account ON payments.ledger_entries (account, currency, transaction, position) INCLUDE (amount)
    """,
    "CREATE INDEX ledger_transactions_reference ON payments.ledger_transactions (reference, id)",
)

_KEEPING = (
    """
    CREATE FUNCTION payments.keep_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger is never changed: post an opposite transaction' USING ERRCODE = 'restrict_violation';
    END
    $$
    """,
    *(
        f"""
        CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON payments.{table}
        FOR EACH ROW EXECUTE FUNCTION payments.keep_ledger()
        """
        for table in ("ledger_transactions", "ledger_entries")
    ),
    *(
        f"""
        CREATE TRIGGER keep_all_{table} BEFORE TRUNCATE ON payments.{table}
        FOR EACH STATEMENT EXECUTE FUNCTION payments.keep_ledger()
        """
        for table in ("ledger_transactions", "ledger_entries")
    ),
)

_CHECKING = (
    # Nobody chooses an id. The transaction gets its xid before it takes a number: whoever has seen a number and then asks for
    # an xid knows that all smaller numbers belong to older xids, see stores/ledger_checkpoints.py.
    """
    CREATE FUNCTION payments.number_ledger_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_catalog.pg_current_xact_id();
        NEW.id := pg_catalog.nextval('payments.ledger_transaction_ids');
        RETURN NEW;
    END
    $$
    """,
    """
    CREATE TRIGGER number_ledger_transaction BEFORE INSERT ON payments.ledger_transactions
    FOR EACH ROW EXECUTE FUNCTION payments.number_ledger_transaction()
    """,
    """
    CREATE FUNCTION payments.check_ledger_transaction() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        found bigint;
        unbalanced bigint;
    BEGIN
        SELECT coalesce(sum(number), 0), count(*) FILTER (WHERE total <> 0) INTO found, unbalanced
        FROM (
            SELECT count(*) AS number, sum(amount) AS total FROM payments.ledger_entries
            WHERE transaction = NEW.id GROUP BY currency
        ) AS sums;
        IF unbalanced > 0 THEN
            RAISE EXCEPTION 'the entries of ledger transaction % (%) do not sum to zero per currency', NEW.id, NEW.key
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balanced';
        END IF;
        IF found <> NEW.entries THEN
            RAISE EXCEPTION 'ledger transaction % (%) has % entries instead of %', NEW.id, NEW.key, found, NEW.entries
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_complete';
        END IF;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE CONSTRAINT TRIGGER check_ledger_transaction AFTER INSERT ON payments.ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments.check_ledger_transaction()
    """,
)

_POSTING = (
    # Each statement sees what other transactions have committed until it begins, so a key that another one has just taken
    # is compared, too. An error undoes everything that the call wrote.
    """
    CREATE FUNCTION payments.post_ledger(
        at bigint, keys text[], digests bytea[], kinds text[], refs text[], sizes smallint[],
        entry_keys text[], positions smallint[], accounts text[], currencies text[], amounts bigint[]
    ) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
        written bigint;
        number bigint;
        taken text;
    BEGIN
        IF cardinality(keys) = 1 THEN  -- most calls; two plain statements cost a sixth less than one that joins
            INSERT INTO payments.ledger_transactions (key, digest, kind, reference, at_ms, entries)
            VALUES (keys[1], digests[1], kinds[1], refs[1], at, sizes[1])
            ON CONFLICT (key) DO NOTHING RETURNING id INTO number;
            IF number IS NOT NULL THEN
                INSERT INTO payments.ledger_entries (transaction, position, entries, amount, currency, account)
                SELECT number, e.position, sizes[1], e.amount, e.currency, e.account
                FROM unnest(positions, accounts, currencies, amounts) AS e (position, account, currency, amount);
            END IF;
            written := (number IS NOT NULL)::integer;
        ELSE
            WITH added AS (
                INSERT INTO payments.ledger_transactions (key, digest, kind, reference, at_ms, entries)
                SELECT n.key, n.digest, n.kind, n.reference, at, n.size
                FROM unnest(keys, digests, kinds, refs, sizes) WITH ORDINALITY
                    AS n (key, digest, kind, reference, size, place)
                ORDER BY n.place
                ON CONFLICT (key) DO NOTHING RETURNING id, key, entries
            ), lines AS (
                INSERT INTO payments.ledger_entries (transaction, position, entries, amount, currency, account)
                SELECT added.id, e.position, added.entries, e.amount, e.currency, e.account
                FROM unnest(entry_keys, positions, accounts, currencies, amounts)
                    AS e (key, position, account, currency, amount)
                JOIN added ON added.key = e.key COLLATE "C" ORDER BY added.id, e.position
            )
            SELECT count(*) INTO written FROM added;
        END IF;
        IF written < cardinality(keys) THEN
            SELECT t.key INTO taken FROM unnest(keys, digests) AS n (key, digest)
            JOIN payments.ledger_transactions t ON t.key = n.key COLLATE "C"
            WHERE t.digest <> n.digest ORDER BY 1 LIMIT 1;
            IF taken IS NOT NULL THEN
                RAISE EXCEPTION '%', taken USING ERRCODE = 'LG001';
            END IF;
        END IF;
        RETURN written;
    END
    $$
    """,
)

#: Derived: deleting these rows costs time, not money.
_CHECKPOINTS = (
    """
    CREATE TABLE payments.ledger_checkpoints (
        account  text    COLLATE "C" NOT NULL,
        currency text    COLLATE "C" NOT NULL,
        upto     bigint  NOT NULL,
        entries  bigint  NOT NULL,
        debits   numeric NOT NULL,
        credits  numeric NOT NULL,
        PRIMARY KEY (account, currency)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE payments.ledger_totals (
        kind     text    COLLATE "C" NOT NULL,
        currency text    COLLATE "C" NOT NULL,
        debits   numeric NOT NULL,
        credits  numeric NOT NULL,
        PRIMARY KEY (kind, currency)
    ) WITH (fillfactor = 70)
    """,
    # Up to which transaction the totals count, and the checkpoints that were worth writing.
    """
    CREATE TABLE payments.ledger_horizon (single boolean PRIMARY KEY DEFAULT true CHECK (single), upto bigint NOT NULL)
    """,
)


def upgrade() -> None:
    for statement in (*_TABLES, *_KEEPING, *_CHECKING, *_POSTING, *_CHECKPOINTS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE payments.ledger_horizon, payments.ledger_totals, payments.ledger_checkpoints")
    op.execute("DROP FUNCTION payments.post_ledger")
    op.execute("DROP TABLE payments.ledger_entries, payments.ledger_transactions")
    op.execute(
        "DROP FUNCTION payments.check_ledger_transaction, payments.number_ledger_transaction, payments.keep_ledger"
    )
    op.execute("DROP SEQUENCE payments.ledger_transaction_ids")
