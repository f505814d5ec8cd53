"""Generations of the index: one table of documents and one of words each, made like these templates."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UP = (
    "CREATE SCHEMA IF NOT EXISTS search",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """
    CREATE TABLE search.generations (
        id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        state text   NOT NULL CHECK (state IN ('live', 'building', 'old'))
    )
    """,
    "CREATE UNIQUE INDEX generations_one_of_each ON search.generations (state) WHERE state <> 'old'",
    # terms: words as they are written and as each language stems them; A titles, B words, D the rest. in_title: titles alone,
    # so that no weight has to be looked up in a row before it is ranked.
    # tokens: all values of facets; common: those but the attributes', which are few and counted over many rows.
    # standing: what is asked for and in stock comes first, whatever the words.
    """
    CREATE TABLE search.documents_template (
        product_id text     COLLATE "C" PRIMARY KEY,
        version    bigint   NOT NULL,
        gone       boolean  NOT NULL DEFAULT false,
        slug       text     COLLATE "C" NOT NULL,
        terms      tsvector NOT NULL,
        in_title   tsvector NOT NULL,
        title_size smallint NOT NULL,
        brand      text     COLLATE "C",
        brand_key  text     COLLATE "C",
        keys       text[]   COLLATE "C" NOT NULL,
        skus       jsonb    NOT NULL,
        channels   text[]   COLLATE "C" NOT NULL,
        common     text[]   COLLATE "C" NOT NULL,
        tokens     text[]   COLLATE "C" NOT NULL,
        numbers    jsonb    NOT NULL,
        prices     jsonb    NOT NULL,
        titles     jsonb    NOT NULL,
        image      text,
        available  boolean  NOT NULL,
        popularity real     NOT NULL DEFAULT 0,
        standing   real     NOT NULL GENERATED ALWAYS AS (popularity + CASE WHEN available THEN 0.25 ELSE 0 END) STORED,
        created_at text     COLLATE "C" NOT NULL
    )
    """,
    "CREATE INDEX ON search.documents_template USING gin (terms) WITH (fastupdate = off)",
    "CREATE INDEX ON search.documents_template USING gin (in_title) WITH (fastupdate = off)",
    "CREATE INDEX ON search.documents_template USING gin (tokens) WITH (fastupdate = off)",
    "CREATE INDEX ON search.documents_template USING gin (keys) WITH (fastupdate = off)",
    "CREATE INDEX ON search.documents_template (standing DESC, created_at DESC, product_id)",
    "CREATE INDEX ON search.documents_template (created_at DESC, product_id)",
    "CREATE INDEX ON search.documents_template (brand_key text_pattern_ops)",
    # shown: the word with its accents; pt, en: its stems; tags: languages it was seen in; documents: in how many it stands
    """
    CREATE TABLE search.words_template (
        word      text    COLLATE "C" PRIMARY KEY,
        shown     text    NOT NULL,
        pt        text    COLLATE "C",
        en        text    COLLATE "C",
        tags      text[]  NOT NULL,
        documents integer NOT NULL
    )
    """,
    "CREATE INDEX ON search.words_template (pt)",
    "CREATE INDEX ON search.words_template (en)",
    "CREATE INDEX ON search.words_template USING gin (word gin_trgm_ops)",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        """
        DO $$ DECLARE name text; BEGIN
            FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'search' AND tablename ~ '^(documents|words)_'
            LOOP EXECUTE format('DROP TABLE search.%I', name); END LOOP;
        END $$
        """
    )
    op.execute("DROP TABLE search.generations")
