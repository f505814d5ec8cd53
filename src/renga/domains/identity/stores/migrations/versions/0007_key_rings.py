"""A ring of signing keys for each algorithm. Clients that are registered already keep ES256 for their ID tokens."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ACTIVE = "CREATE UNIQUE INDEX signing_keys_active ON identity.signing_keys"


def upgrade() -> None:
    op.execute("DROP INDEX identity.signing_keys_active")
    op.execute(f"{_ACTIVE} ((public->>'alg')) WHERE state = 'active'")
    op.execute(
        """UPDATE identity.clients SET document = '{"id_token_signed_response_alg": "ES256"}'::jsonb || document"""
    )


def downgrade() -> None:
    op.execute("DELETE FROM identity.signing_keys WHERE public->>'alg' <> 'ES256'")
    op.execute("DROP INDEX identity.signing_keys_active")
    op.execute(f"{_ACTIVE} (state) WHERE state = 'active'")
    op.execute("UPDATE identity.clients SET document = document - 'id_token_signed_response_alg'")
