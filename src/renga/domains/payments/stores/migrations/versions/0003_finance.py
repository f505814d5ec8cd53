"""Finance: commission tables, payout accounts, schedules and payouts, settlements, evidence, partners, its trail."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: Amounts are minor units.
_PAYOUTS = (
    """
    CREATE TABLE payments.commission_tables (
        version    bigint PRIMARY KEY,
        document   jsonb  NOT NULL,
        changed_ms bigint NOT NULL,
        changed_by text   NOT NULL
    )
    """,
    # The details are sealed; what may be shown of them is beside.
    """
    CREATE TABLE payments.payout_accounts (
        merchant        text    COLLATE "C" PRIMARY KEY,
        version         bigint  NOT NULL,
        shown           jsonb   NOT NULL,
        sealed          bytea   NOT NULL,
        digest          bytea   NOT NULL,
        verified        boolean NOT NULL,
        changed_ms      bigint  NOT NULL,
        paused_until_ms bigint  NOT NULL
    )
    """,
    """
    CREATE TABLE payments.payout_schedules (
        merchant text  COLLATE "C" PRIMARY KEY,
        document jsonb NOT NULL
    )
    """,
    # A statement of each period adds up, and begins where the one before ended.
    """
    CREATE TABLE payments.payouts (
        id         uuid   PRIMARY KEY,
        merchant   text   COLLATE "C" NOT NULL,
        currency   text   COLLATE "C" NOT NULL,
        from_day   date,
        to_day     date   NOT NULL,
        state      text   NOT NULL CHECK (state IN ('carried', 'scheduled', 'sent', 'paid', 'failed', 'returned')),
        amount     bigint NOT NULL CHECK (amount >= 0),
        held       bigint NOT NULL CHECK (held >= 0),
        opening    bigint NOT NULL,
        total      bigint NOT NULL,
        closing    bigint NOT NULL,
        sums       jsonb  NOT NULL,
        reason     text,
        detail     text   NOT NULL,
        after_id   bigint NOT NULL,
        created_ms bigint NOT NULL,
        changed_ms bigint NOT NULL,
        CONSTRAINT payout_period UNIQUE (merchant, currency, to_day),
        CONSTRAINT payout_adds_up CHECK (closing = opening + total - amount),
        CONSTRAINT payout_period_begins CHECK (from_day < to_day),
        CONSTRAINT payout_or_carried CHECK ((amount = 0) = (state = 'carried'))
    )
    """,
    "CREATE INDEX payouts_newest ON payments.payouts (created_ms DESC, id DESC)",
    "CREATE INDEX payouts_of_merchant ON payments.payouts (merchant, created_ms DESC, id DESC)",
    """
    CREATE INDEX payouts_open ON payments.payouts (state, created_ms DESC, id DESC)
    WHERE state IN ('scheduled', 'sent', 'failed')
    """,
)
_SETTLEMENTS = (
    """
    CREATE TABLE payments.settlement_files (
        provider    text   COLLATE "C" NOT NULL,
        id          text   COLLATE "C" NOT NULL,
        day         date   NOT NULL,
        digest      bytea  NOT NULL,
        report      jsonb  NOT NULL,
        imported_ms bigint NOT NULL,
        imported_by text   NOT NULL,
        PRIMARY KEY (provider, id)
    )
    """,
    "CREATE INDEX settlement_files_newest ON payments.settlement_files (provider, day DESC, id DESC)",
    """
    CREATE TABLE payments.settlement_lines (
        provider  text    COLLATE "C" NOT NULL,
        id        text    COLLATE "C" NOT NULL,
        file      text    COLLATE "C" NOT NULL,
        ref       text    COLLATE "C" NOT NULL,
        kind      text    NOT NULL CHECK (kind IN ('capture', 'refund', 'dispute', 'dispute_won')),
        currency  text    NOT NULL,
        gross     bigint  NOT NULL,
        fee       bigint  NOT NULL,
        net       bigint  NOT NULL,
        number    integer NOT NULL,
        of        integer NOT NULL,
        reference text    NOT NULL,
        PRIMARY KEY (provider, id),
        FOREIGN KEY (provider, file) REFERENCES payments.settlement_files (provider, id),
        CONSTRAINT settlement_line_adds_up CHECK (gross = fee + net)
    )
    """,
    "CREATE INDEX settlement_lines_ref ON payments.settlement_lines (provider, ref)",
    "CREATE INDEX settlement_lines_file ON payments.settlement_lines (provider, file)",
)
_OTHERS = (
    """
    CREATE TABLE payments.dispute_evidence (
        id      uuid   PRIMARY KEY,
        dispute text   COLLATE "C" NOT NULL,
        key     bytea  NOT NULL,
        kind    text   NOT NULL,
        text    text   NOT NULL,
        state   text   NOT NULL CHECK (state IN ('waiting', 'sent', 'kept')),
        by      text   NOT NULL,
        at_ms   bigint NOT NULL,
        next_ms bigint NOT NULL,
        UNIQUE (dispute, key)
    )
    """,
    "CREATE INDEX dispute_evidence_waiting ON payments.dispute_evidence (next_ms) WHERE state = 'waiting'",
    """
    CREATE TABLE payments.payment_partners (
        provider   text   COLLATE "C" PRIMARY KEY,
        account    text   NOT NULL,
        changed_ms bigint NOT NULL
    )
    """,
    "CREATE INDEX payment_partners_account ON payments.payment_partners (account)",
    """
    CREATE TABLE payments.finance_trail (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at_ms    bigint NOT NULL,
        by       text   NOT NULL,
        action   text   NOT NULL,
        subject  text   NOT NULL,
        details  jsonb  NOT NULL
    )
    """,
    "CREATE INDEX finance_trail_subject ON payments.finance_trail (subject, position DESC)",
    # What a reconciliation has seen at the provider while it runs; lost with a crash of the server, which costs nothing.
    """
    CREATE UNLOGGED TABLE payments.reconciled_refs (
        run uuid NOT NULL, ref text COLLATE "C" NOT NULL, made_ms bigint NOT NULL, PRIMARY KEY (run, ref)
    )
    """,
    # Ids grow with time: the newest means of a provider come last.
    "CREATE INDEX means_of_provider ON payments.means (provider, id)",
    "CREATE INDEX ledger_transactions_at ON payments.ledger_transactions USING brin (at_ms) WITH (pages_per_range = 32)",
)
_DOWN = """
    DROP TABLE payments.reconciled_refs, payments.finance_trail, payments.payment_partners, payments.dispute_evidence,
        payments.settlement_lines, payments.settlement_files, payments.payouts, payments.payout_schedules,
        payments.payout_accounts, payments.commission_tables
"""


def upgrade() -> None:
    for statement in (*_PAYOUTS, *_SETTLEMENTS, *_OTHERS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX payments.ledger_transactions_at, payments.means_of_provider")
    op.execute(_DOWN)
