"""Invitations to merchants: nobody becomes a member without accepting one."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UP = (
    # link_hash: SHA-256 of a link with 256 random bits. One open invitation for an address; another one replaces it.
    """
    CREATE TABLE identity.invitations (
        id          uuid   PRIMARY KEY,
        merchant_id uuid   NOT NULL REFERENCES identity.merchants,
        email       text   COLLATE "C" NOT NULL,
        role        text   NOT NULL CHECK (role IN ('owner', 'manager', 'clerk')),
        link_hash   bytea  NOT NULL UNIQUE CHECK (length(link_hash) = 32),
        created_ms  bigint NOT NULL,
        expires_ms  bigint NOT NULL,
        UNIQUE (merchant_id, email)
    )
    """,
    "CREATE INDEX invitations_email ON identity.invitations (email)",
    "CREATE INDEX invitations_expires ON identity.invitations (expires_ms)",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE identity.invitations")
