"""Merchants, states, dates and channels of products; versions of categories; collections and product types."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UP = (
    """
    CREATE TABLE catalog.product_types (
        code     text   COLLATE "C" PRIMARY KEY,
        version  bigint NOT NULL CHECK (version > 0),
        document jsonb  NOT NULL
    )
    """,
    # gathered: the product's rule collections, as of this version of it.
    """
    ALTER TABLE catalog.products
        ADD merchant         text   COLLATE "C" NOT NULL DEFAULT 'house',
        ADD status           text   COLLATE "C" NOT NULL DEFAULT 'active',
        ADD type             text   COLLATE "C" REFERENCES catalog.product_types,
        ADD due_at           text   COLLATE "C",
        ADD gathered         text[] COLLATE "C" NOT NULL DEFAULT '{}',
        ADD gathered_version bigint NOT NULL DEFAULT 0
    """,
    "CREATE INDEX products_merchant ON catalog.products (merchant, status, position)",
    "CREATE INDEX products_not_active ON catalog.products (status, position) WHERE status <> 'active'",
    "CREATE INDEX products_type ON catalog.products (type) WHERE type IS NOT NULL",
    "CREATE INDEX products_due ON catalog.products (due_at) WHERE due_at IS NOT NULL",
    # A sku of a product that is sold nowhere is taken, but not offered.
    "ALTER TABLE catalog.variants ALTER offer DROP NOT NULL",
    "ALTER TABLE catalog.categories ADD version bigint NOT NULL DEFAULT 0",
    """
    CREATE TABLE catalog.collections (
        slug     text    COLLATE "C" PRIMARY KEY,
        version  bigint  NOT NULL CHECK (version > 0),
        by_rule  boolean NOT NULL,
        document jsonb   NOT NULL
    )
    """,
    # Where a product is sold now: per channel ('*': in all) and shelf. A shelf is a category's slug, '' for all products, or
    # '@' and the slug of a rule collection.
    """
    CREATE TABLE catalog.shelved (
        shelf   text   COLLATE "C" NOT NULL,
        channel text   COLLATE "C" NOT NULL,
        product bigint NOT NULL REFERENCES catalog.products ON DELETE CASCADE,
        PRIMARY KEY (shelf, channel, product)
    )
    """,
    "INSERT INTO catalog.shelved SELECT category, '*', product FROM catalog.placements",
    "INSERT INTO catalog.shelved SELECT '', '*', position FROM catalog.products",
    "DROP TABLE catalog.placements",
    "ALTER TABLE catalog.shelved RENAME TO placements",
    "ALTER INDEX catalog.shelved_pkey RENAME TO placements_pkey",
    "CREATE INDEX placements_product ON catalog.placements (product)",
)

DOWN = (
    """
    CREATE TABLE catalog.shelved (
        category text   COLLATE "C" NOT NULL REFERENCES catalog.categories,
        product  bigint NOT NULL REFERENCES catalog.products ON DELETE CASCADE,
        PRIMARY KEY (category, product)
    )
    """,
    """
    INSERT INTO catalog.shelved
    SELECT DISTINCT p.shelf, p.product FROM catalog.placements p JOIN catalog.categories c ON c.slug = p.shelf
    """,
    "DROP TABLE catalog.placements",
    "ALTER TABLE catalog.shelved RENAME TO placements",
    "ALTER INDEX catalog.shelved_pkey RENAME TO placements_pkey",
    "CREATE INDEX placements_product ON catalog.placements (product)",
    "DROP TABLE catalog.collections",
    "ALTER TABLE catalog.categories DROP version",
    "DELETE FROM catalog.variants WHERE offer IS NULL",
    "ALTER TABLE catalog.variants ALTER offer SET NOT NULL",
    """
    ALTER TABLE catalog.products
        DROP merchant, DROP status, DROP type, DROP due_at, DROP gathered, DROP gathered_version
    """,
    "DROP TABLE catalog.product_types",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
