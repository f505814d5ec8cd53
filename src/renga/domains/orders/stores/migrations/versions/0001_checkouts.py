"""Checkouts with their quotes, handled events, kept answers and the outbox."""

from alembic import op

from renga.platform.inbox.postgres import inbox_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UP = (
    "CREATE SCHEMA IF NOT EXISTS orders",
    # quote_id: the one that was shown last. version grows with each change and fences writers that read an older one.
    """
    CREATE TABLE orders.checkouts (
        id         uuid   PRIMARY KEY,
        cart_id    uuid   NOT NULL,
        customer   text   COLLATE "C",
        state      text   NOT NULL CHECK (state IN ('open', 'placing', 'completed', 'expired', 'abandoned')),
        version    bigint NOT NULL,
        created_ms bigint NOT NULL,
        expires_ms bigint NOT NULL,
        ended_ms   bigint CHECK ((ended_ms IS NULL) = (state IN ('open', 'placing'))),
        quote_id   uuid,
        details    jsonb  NOT NULL
    ) WITH (fillfactor = 70)
    """,
    # A cart has at most one live checkout.
    "CREATE UNIQUE INDEX checkouts_live ON orders.checkouts (cart_id) WHERE state IN ('open', 'placing')",
    "CREATE INDEX checkouts_due ON orders.checkouts (expires_ms) WHERE state = 'open'",
    "CREATE INDEX checkouts_ended ON orders.checkouts (ended_ms) WHERE ended_ms IS NOT NULL",
    "CREATE INDEX checkouts_customer ON orders.checkouts (customer) WHERE customer IS NOT NULL",
    """
    CREATE TABLE orders.quotes (
        id          uuid   PRIMARY KEY,
        checkout_id uuid   NOT NULL REFERENCES orders.checkouts ON DELETE CASCADE,
        created_ms  bigint NOT NULL,
        expires_ms  bigint NOT NULL,
        document    jsonb  NOT NULL
    )
    """,
    "CREATE INDEX quotes_checkout ON orders.quotes (checkout_id)",
    """
    CREATE TABLE orders.idempotency (
        id bytea PRIMARY KEY, fingerprint bytea NOT NULL, answer bytea, made_ms bigint NOT NULL
    )
    """,
    "CREATE INDEX idempotency_age ON orders.idempotency (made_ms)",
    "CREATE TABLE orders.outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event jsonb NOT NULL)",
    *inbox_tables("orders"),
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA orders CASCADE")
