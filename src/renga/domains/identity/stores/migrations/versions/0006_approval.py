"""New merchants wait for an administrator. Those that are there already were public: they stay approved."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE identity.merchants
            ADD COLUMN status  text   NOT NULL DEFAULT 'approved' CHECK (status IN ('pending', 'approved', 'rejected')),
            ADD COLUMN reason  text   NOT NULL DEFAULT '',
            ADD COLUMN version bigint NOT NULL DEFAULT 0
        """
    )
    op.execute("ALTER TABLE identity.merchants ALTER COLUMN status DROP DEFAULT")


def downgrade() -> None:
    op.execute("ALTER TABLE identity.merchants DROP COLUMN status, DROP COLUMN reason, DROP COLUMN version")
