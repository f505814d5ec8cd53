"""The ledger's accounts, transactions and entries."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UP = (
    """
    CREATE TABLE payments.ledger_transactions (
        id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key       text   COLLATE "C" NOT NULL UNIQUE,
        kind      text   NOT NULL,
        reference text   NOT NULL,
        at_ms     bigint NOT NULL
    )
    """,
    """
    CREATE TABLE payments.ledger_entries (
        transaction bigint NOT NULL REFERENCES payments.ledger_transactions,
        account     text   COLLATE "C" NOT NULL,
        currency    text   NOT NULL,
        amount      bigint NOT NULL CHECK (amount <> 0)
    )
    """,
    "CREATE INDEX ledger_entries_account ON payments.ledger_entries (account, currency)",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE payments.ledger_entries, payments.ledger_transactions")
