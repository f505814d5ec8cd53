"""The schema of payments."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS payments")


def downgrade() -> None:
    op.execute("DROP SCHEMA payments CASCADE")
