"""The snapshot read model: a cart's raw fields, to restore it when the store has lost it."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS cart")
    op.execute(
        """
        CREATE TABLE cart.snapshots (
            cart_id    uuid   PRIMARY KEY,
            version    bigint NOT NULL,
            restores   int    NOT NULL,
            state      text   NOT NULL,
            expires_ms bigint NOT NULL,
            fields     jsonb  NOT NULL
        )
        """
    )
    # for the reconciler: carts that are open here, oldest deadline first
    op.execute(
        "CREATE INDEX snapshots_open ON cart.snapshots (expires_ms) WHERE state IN ('open', 'checkout', 'merging')"
    )
    op.execute(
        "CREATE INDEX snapshots_over ON cart.snapshots (expires_ms) WHERE state NOT IN ('open', 'checkout', 'merging')"
    )


def downgrade() -> None:
    op.execute("DROP TABLE cart.snapshots")
