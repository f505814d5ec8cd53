"""Tiers: a generation knows where they begin, and its indexes of words, which are its own now, have their numbers."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # null for a generation that was made before: it is asked without tiers until the index is built anew
    op.execute("ALTER TABLE search.generations ADD COLUMN tiers float8[]")
    op.execute("DROP INDEX search.documents_template_terms_idx, search.documents_template_in_title_idx")


def downgrade() -> None:
    op.execute("CREATE INDEX ON search.documents_template USING gin (terms) WITH (fastupdate = off)")
    op.execute("CREATE INDEX ON search.documents_template USING gin (in_title) WITH (fastupdate = off)")
    op.execute("ALTER TABLE search.generations DROP COLUMN tiers")
