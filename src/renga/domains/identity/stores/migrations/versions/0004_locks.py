"""Accounts that an administrator has locked."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE identity.accounts ADD COLUMN locked_ms bigint")


def downgrade() -> None:
    op.execute("ALTER TABLE identity.accounts DROP COLUMN locked_ms")
