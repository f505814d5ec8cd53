"""Products, their offers by sku, categories, the outbox and the mark of a running import."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UP = (
    "CREATE SCHEMA IF NOT EXISTS catalog",
    # position: the order of the list (newest first) and the key that other tables join on.
    """
    CREATE TABLE catalog.products (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        id       uuid   NOT NULL UNIQUE,
        slug     text   COLLATE "C" NOT NULL UNIQUE,
        version  bigint NOT NULL CHECK (version > 0),
        document jsonb  NOT NULL
    )
    """,
    # offer: what a cart needs, so that offers by sku are one index scan without a join.
    """
    CREATE TABLE catalog.variants (
        sku     text   COLLATE "C" PRIMARY KEY,
        product bigint NOT NULL REFERENCES catalog.products ON DELETE CASCADE,
        offer   jsonb  NOT NULL
    )
    """,
    "CREATE INDEX variants_product ON catalog.variants (product)",
    """
    CREATE TABLE catalog.categories (
        slug     text    COLLATE "C" PRIMARY KEY,
        parent   text    COLLATE "C" REFERENCES catalog.categories DEFERRABLE INITIALLY DEFERRED,
        position integer NOT NULL,
        document jsonb   NOT NULL
    )
    """,
    "CREATE INDEX categories_parent ON catalog.categories (parent)",
    """
    CREATE TABLE catalog.placements (
        category text   COLLATE "C" NOT NULL REFERENCES catalog.categories,
        product  bigint NOT NULL REFERENCES catalog.products ON DELETE CASCADE,
        PRIMARY KEY (category, product)
    )
    """,
    "CREATE INDEX placements_product ON catalog.placements (product)",
    "CREATE TABLE catalog.outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event jsonb NOT NULL)",
    """
    CREATE TABLE catalog.import_mark (
        singleton   boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        fingerprint text   NOT NULL,
        line        bigint NOT NULL,
        at_ms       bigint NOT NULL
    )
    """,
)

DOWN = ("import_mark", "outbox", "placements", "categories", "variants", "products")


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for table in DOWN:
        op.execute(f"DROP TABLE catalog.{table}")
