"""Synonyms, pins, searches without results, demand, and the outbox."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UP = (
    'CREATE TABLE search.synonyms (language text COLLATE "C" PRIMARY KEY, rulings jsonb NOT NULL)',
    """
    CREATE TABLE search.pins (
        language text   COLLATE "C" NOT NULL,
        text     text   COLLATE "C" NOT NULL,
        pinned   text[] NOT NULL,
        hidden   text[] NOT NULL,
        PRIMARY KEY (language, text)
    )
    """,
    """
    CREATE TABLE search.zero_results (
        language text   COLLATE "C" NOT NULL,
        text     text   COLLATE "C" NOT NULL,
        count    bigint NOT NULL,
        last_at  text   COLLATE "C" NOT NULL,
        PRIMARY KEY (language, text)
    )
    """,
    "CREATE INDEX zero_results_count ON search.zero_results (count DESC)",
    # demand as of at_ms; it halves as time passes
    'CREATE TABLE search.demand (product_id text COLLATE "C" PRIMARY KEY, demand float8 NOT NULL, at_ms bigint NOT NULL)',
    "CREATE TABLE search.outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event jsonb NOT NULL)",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for table in ("outbox", "demand", "zero_results", "pins", "synonyms"):
        op.execute(f"DROP TABLE search.{table}")
