"""Tiers: a generation stores where they begin; its word indexes, now created per generation, contain the tier numbers.

The template's columns are reordered: those for filtering and standing are read for thousands of rows, so they come before the
long ones. Existing generations stay unchanged until the index is rebuilt.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UP = (
    # null in older generations: they are searched without tiers
    "ALTER TABLE search.generations ADD COLUMN tiers float8[]",
    "ALTER TABLE search.documents_template RENAME TO documents_template_before",
    """
    CREATE TABLE search.documents_template (
        version    bigint   NOT NULL,
        popularity real     NOT NULL DEFAULT 0,
        standing   real     NOT NULL GENERATED ALWAYS AS (popularity + CASE WHEN available THEN 0.25 ELSE 0 END) STORED,
        title_size smallint NOT NULL,
        gone       boolean  NOT NULL DEFAULT false,
        available  boolean  NOT NULL,
        product_id text     COLLATE "C" PRIMARY KEY,
        channels   text[]   COLLATE "C" NOT NULL,
        created_at text     COLLATE "C" NOT NULL,
        brand_key  text     COLLATE "C",
        slug       text     COLLATE "C" NOT NULL,
        keys       text[]   COLLATE "C" NOT NULL,
        in_title   tsvector NOT NULL,
        terms      tsvector NOT NULL,
        common     text[]   COLLATE "C" NOT NULL,
        tokens     text[]   COLLATE "C" NOT NULL,
        numbers    jsonb    NOT NULL,
        prices     jsonb    NOT NULL,
        skus       jsonb    NOT NULL,
        titles     jsonb    NOT NULL,
        brand      text     COLLATE "C",
        image      text
    )
    """,
    "DROP TABLE search.documents_template_before",
    "CREATE INDEX ON search.documents_template USING gin (tokens) WITH (fastupdate = off)",
    "CREATE INDEX ON search.documents_template USING gin (keys) WITH (fastupdate = off)",
    "CREATE INDEX ON search.documents_template (standing DESC, created_at DESC, product_id)",
    "CREATE INDEX ON search.documents_template (created_at DESC, product_id)",
    "CREATE INDEX ON search.documents_template (brand_key)",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("CREATE INDEX ON search.documents_template USING gin (terms) WITH (fastupdate = off)")
    op.execute("CREATE INDEX ON search.documents_template USING gin (in_title) WITH (fastupdate = off)")
    op.execute("ALTER TABLE search.generations DROP COLUMN tiers")
