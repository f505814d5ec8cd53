"""Locations, items, levels, reservations, the journal, lots, stock counts and the outbox."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: Quantities are whole thousandths of a unit.
UP = (
    "CREATE SCHEMA IF NOT EXISTS inventory",
    """
    CREATE TABLE inventory.locations (
        code        text    COLLATE "C" PRIMARY KEY,
        name        text    NOT NULL,
        kind        text    NOT NULL CHECK (kind IN ('warehouse', 'shop', 'supplier')),
        merchant    text    NOT NULL,
        country     text    NOT NULL,
        region      text    NOT NULL,
        postal_code text    NOT NULL,
        priority    integer NOT NULL,
        active      boolean NOT NULL
    )
    """,
    # One row per counted sku. Its lock guards everything about the sku: whoever changes a level locks it first.
    """
    CREATE TABLE inventory.items (
        sku             text   COLLATE "C" PRIMARY KEY,
        merchant        text   NOT NULL,
        version         bigint NOT NULL,
        backorder       text   NOT NULL CHECK (backorder IN ('none', 'backorder', 'preorder')),
        backorder_limit bigint CHECK (backorder_limit >= 0),
        backordered     bigint NOT NULL CHECK (backordered >= 0),
        from_at_ms      bigint,
        low             bigint CHECK (low >= 0)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE inventory.levels (
        sku      text    COLLATE "C" NOT NULL REFERENCES inventory.items,
        location text    COLLATE "C" NOT NULL REFERENCES inventory.locations,
        on_hand  bigint  NOT NULL CHECK (on_hand >= 0),
        reserved bigint  NOT NULL CHECK (reserved >= 0),
        safety   bigint  NOT NULL CHECK (safety >= 0),
        active   boolean NOT NULL,
        PRIMARY KEY (sku, location)
    ) WITH (fillfactor = 70)
    """,
    "CREATE INDEX levels_location ON inventory.levels (location, sku)",
    # Whatever the program decides: more is never reserved than there is. (A count may find less than is reserved already.)
    """
    CREATE FUNCTION inventory.refuse_oversell() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'reserved % of % at % exceeds on hand % minus safety %',
            NEW.reserved, NEW.sku, NEW.location, NEW.on_hand, NEW.safety USING ERRCODE = 'check_violation';
    END
    $$
    """,
    """
    CREATE TRIGGER no_oversell BEFORE UPDATE ON inventory.levels FOR EACH ROW
    WHEN (NEW.reserved > OLD.reserved AND NEW.reserved > greatest(NEW.on_hand - NEW.safety, 0))
    EXECUTE FUNCTION inventory.refuse_oversell()
    """,
    """
    CREATE TRIGGER no_oversell_at_first BEFORE INSERT ON inventory.levels FOR EACH ROW
    WHEN (NEW.reserved > greatest(NEW.on_hand - NEW.safety, 0))
    EXECUTE FUNCTION inventory.refuse_oversell()
    """,
    """
    CREATE TABLE inventory.reservations (
        id          uuid   PRIMARY KEY,
        key         text   COLLATE "C" NOT NULL UNIQUE,
        fingerprint bytea  NOT NULL,
        reference   text   NOT NULL,
        state       text   NOT NULL CHECK (state IN ('pending', 'committed', 'fulfilled', 'released', 'expired')),
        version     bigint NOT NULL,
        created_ms  bigint NOT NULL,
        expires_ms  bigint NOT NULL,
        lines       jsonb  NOT NULL
    ) WITH (fillfactor = 80)
    """,
    "CREATE INDEX reservations_due ON inventory.reservations (expires_ms) WHERE state = 'pending'",
    # For the check of levels: of all reservations only those that hold stock.
    """
    CREATE INDEX reservations_holding ON inventory.reservations (created_ms) WHERE state IN ('pending', 'committed')
    """,
    # What was promised by a backorder or preorder, in the order in which it is served.
    """
    CREATE TABLE inventory.waiting (
        position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        sku         text   COLLATE "C" NOT NULL REFERENCES inventory.items,
        reservation uuid   NOT NULL REFERENCES inventory.reservations,
        quantity    bigint NOT NULL CHECK (quantity > 0)
    )
    """,
    "CREATE INDEX waiting_sku ON inventory.waiting (sku, position)",
    "CREATE INDEX waiting_reservation ON inventory.waiting (reservation)",
    """
    CREATE TABLE inventory.movements (
        position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at_ms       bigint NOT NULL,
        sku         text   COLLATE "C" NOT NULL,
        location    text   COLLATE "C" NOT NULL,
        on_hand     bigint NOT NULL,
        reserved    bigint NOT NULL,
        reason      text   NOT NULL,
        actor       text   NOT NULL,
        reference   text   NOT NULL,
        reservation uuid,
        lot         text,
        expires_on  text
    )
    """,
    "CREATE INDEX movements_sku ON inventory.movements (sku, position)",
    """
    CREATE FUNCTION inventory.keep_movements() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the journal of stock is never changed: record an opposite movement';
    END
    $$
    """,
    """
    CREATE TRIGGER keep_movements BEFORE UPDATE OR DELETE ON inventory.movements
    FOR EACH ROW EXECUTE FUNCTION inventory.keep_movements()
    """,
    """
    CREATE TRIGGER keep_all_movements BEFORE TRUNCATE ON inventory.movements
    FOR EACH STATEMENT EXECUTE FUNCTION inventory.keep_movements()
    """,
    """
    CREATE TABLE inventory.lots (
        sku        text   COLLATE "C" NOT NULL,
        location   text   COLLATE "C" NOT NULL,
        lot        text   COLLATE "C" NOT NULL,
        expires_on text,
        on_hand    bigint NOT NULL CHECK (on_hand >= 0),
        PRIMARY KEY (sku, location, lot),
        FOREIGN KEY (sku, location) REFERENCES inventory.levels
    )
    """,
    """
    CREATE TABLE inventory.counts (
        id        uuid   PRIMARY KEY,
        location  text   COLLATE "C" NOT NULL REFERENCES inventory.locations,
        state     text   NOT NULL CHECK (state IN ('open', 'applied', 'cancelled')),
        opened_by text   NOT NULL,
        opened_ms bigint NOT NULL,
        closed_ms bigint
    )
    """,
    """
    CREATE TABLE inventory.count_lines (
        count   uuid   NOT NULL REFERENCES inventory.counts ON DELETE CASCADE,
        sku     text   COLLATE "C" NOT NULL,
        counted bigint NOT NULL CHECK (counted >= 0),
        found   bigint,
        by      text   NOT NULL,
        at_ms   bigint NOT NULL,
        PRIMARY KEY (count, sku)
    )
    """,
    "CREATE TABLE inventory.idempotency (id bytea PRIMARY KEY, fingerprint bytea, answer bytea, made_ms bigint)",
    "CREATE TABLE inventory.outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event jsonb NOT NULL)",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA inventory CASCADE")
