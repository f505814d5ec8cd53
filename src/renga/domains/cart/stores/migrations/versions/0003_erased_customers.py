"""Erased customers, and an index from an owner to the snapshots of their carts."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE cart.erased_customers (
            customer  text        PRIMARY KEY,
            erased_at timestamptz NOT NULL DEFAULT now()
        )
        """
    )
    op.execute("CREATE INDEX erased_customers_age ON cart.erased_customers (erased_at)")
    op.execute(
        """
        CREATE INDEX snapshots_owner ON cart.snapshots ((fields->>'owner')) WHERE (fields->>'owner') IS NOT NULL
        """
    )


def downgrade() -> None:
    op.execute("DROP INDEX cart.snapshots_owner")
    op.execute("DROP TABLE cart.erased_customers")
