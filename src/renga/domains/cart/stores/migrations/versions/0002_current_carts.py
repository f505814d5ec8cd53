"""Each customer's current cart: a login merges the guest's cart into it."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE cart.current_carts (
            customer text        PRIMARY KEY,
            cart_id  uuid        NOT NULL,
            since    timestamptz NOT NULL DEFAULT now()
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE cart.current_carts")
