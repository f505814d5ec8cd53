"""Attempts to place an order, orders with their events and adjustments, and processes."""

from alembic import op

from renga.platform.process.tables import process_tables

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UP = (
    # key: digest of the idempotency key and its owner. answer: what the call with it is told.
    """
    CREATE TABLE orders.attempts (
        id          uuid   PRIMARY KEY,
        key         bytea  NOT NULL UNIQUE,
        fingerprint bytea  NOT NULL,
        cart_id     uuid   NOT NULL,
        checkout_id uuid   NOT NULL,
        order_id    uuid   NOT NULL UNIQUE,
        process_id  bigint NOT NULL,
        state       text   NOT NULL CHECK (state IN ('live', 'placed', 'failed')),
        answer      jsonb,
        created_ms  bigint NOT NULL,
        ended_ms    bigint CHECK ((ended_ms IS NULL) = (state = 'live'))
    )
    """,
    # A cart has at most one live attempt.
    "CREATE UNIQUE INDEX attempts_live ON orders.attempts (cart_id) WHERE state = 'live'",
    "CREATE INDEX attempts_checkout ON orders.attempts (checkout_id, created_ms)",
    "CREATE INDEX attempts_ended ON orders.attempts (ended_ms) WHERE ended_ms IS NOT NULL",
    # document: the snapshot of what was shown, which never changes. standing: what changes with payment and fulfilment.
    """
    CREATE TABLE orders.orders (
        id            uuid   PRIMARY KEY,
        number        text   COLLATE "C" NOT NULL UNIQUE,
        checkout_id   uuid   NOT NULL,
        cart_id       uuid   NOT NULL,
        customer      text   COLLATE "C",
        merchants     text[] NOT NULL,
        state         text   NOT NULL CHECK (state IN ('placed', 'awaiting_payment', 'payment_review', 'paid',
                      'in_fulfilment', 'delivered', 'completed', 'cancelled')),
        version       bigint NOT NULL,
        created_ms    bigint NOT NULL,
        changed_ms    bigint NOT NULL,
        standing      jsonb  NOT NULL,
        document      jsonb  NOT NULL
    ) WITH (fillfactor = 80)
    """,
    "CREATE INDEX orders_customer ON orders.orders (customer, created_ms DESC, id DESC) WHERE customer IS NOT NULL",
    "CREATE INDEX orders_newest ON orders.orders (created_ms DESC, id DESC)",
    "CREATE INDEX orders_merchants ON orders.orders USING gin (merchants)",
    """
    CREATE TABLE orders.order_events (
        order_id uuid   NOT NULL REFERENCES orders.orders ON DELETE CASCADE,
        sequence int    NOT NULL,
        type     text   NOT NULL,
        at_ms    bigint NOT NULL,
        data     jsonb  NOT NULL,
        PRIMARY KEY (order_id, sequence)
    )
    """,
    """
    CREATE TABLE orders.order_adjustments (
        order_id uuid   NOT NULL REFERENCES orders.orders ON DELETE CASCADE,
        sequence int    NOT NULL,
        kind     text   NOT NULL,
        amount   bigint NOT NULL,
        reason   text   NOT NULL,
        at_ms    bigint NOT NULL,
        PRIMARY KEY (order_id, sequence)
    )
    """,
    # What is written in these two is never changed.
    """
    CREATE FUNCTION orders.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
    """,
    "CREATE TRIGGER append_only BEFORE UPDATE ON orders.order_events FOR EACH ROW EXECUTE FUNCTION orders.refuse_change()",
    """
    CREATE TRIGGER append_only BEFORE UPDATE ON orders.order_adjustments
    FOR EACH ROW EXECUTE FUNCTION orders.refuse_change()
    """,
    *process_tables("orders"),
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE orders.process_signals, orders.processes, orders.order_adjustments, orders.order_events")
    op.execute("DROP TABLE orders.orders, orders.attempts")
    op.execute("DROP FUNCTION orders.refuse_change()")
