"""Signing keys, authorization codes, refresh families, revocations and external identities."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

UP = (
    # private is encrypted with the shop's secret; at most one key is active.
    """
    CREATE TABLE identity.signing_keys (
        kid         text   COLLATE "C" PRIMARY KEY,
        state       text   NOT NULL CHECK (state IN ('next', 'active', 'retired')),
        public      jsonb  NOT NULL,
        private     bytea  NOT NULL,
        created_ms  bigint NOT NULL,
        changed_ms  bigint NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX signing_keys_active ON identity.signing_keys (state) WHERE state = 'active'",
    # A used code stays until its family has ended: presenting it again ends the family.
    """
    CREATE TABLE identity.authorization_codes (
        code_hash  bytea  PRIMARY KEY,
        account_id uuid   NOT NULL,
        code       jsonb  NOT NULL,
        family_id  uuid   NOT NULL,
        expires_ms bigint NOT NULL,
        used_ms    bigint
    )
    """,
    "CREATE INDEX authorization_codes_expires ON identity.authorization_codes (expires_ms)",
    # All tokens of one login. The refresh token itself is not here: it is a keyed hash of seed and generation.
    """
    CREATE TABLE identity.refresh_families (
        id          uuid    PRIMARY KEY,
        account_id  uuid    NOT NULL,
        client_id   text    COLLATE "C" NOT NULL,
        grant_of    jsonb   NOT NULL,
        seed        bytea   NOT NULL,
        generation  integer NOT NULL DEFAULT 0,
        created_ms  bigint  NOT NULL,
        rotated_ms  bigint  NOT NULL,
        expires_ms  bigint  NOT NULL,
        revoked_ms  bigint,
        reason      text
    )
    """,
    "CREATE INDEX refresh_families_account ON identity.refresh_families (account_id, client_id)",
    "CREATE INDEX refresh_families_client ON identity.refresh_families (client_id) WHERE revoked_ms IS NULL",
    "CREATE INDEX refresh_families_expires ON identity.refresh_families (expires_ms)",
    # Revocations. told: published to every process.
    """
    CREATE TABLE identity.revoked_tokens (
        position   bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        revocation jsonb   NOT NULL,
        until_ms   bigint  NOT NULL,
        told       boolean NOT NULL DEFAULT false
    )
    """,
    "CREATE INDEX revoked_tokens_until ON identity.revoked_tokens (until_ms)",
    "CREATE INDEX revoked_tokens_untold ON identity.revoked_tokens (position) WHERE NOT told",
    """
    CREATE TABLE identity.external_identities (
        provider   text   COLLATE "C" NOT NULL,
        subject    text   COLLATE "C" NOT NULL,
        account_id uuid   NOT NULL,
        linked_ms  bigint NOT NULL,
        PRIMARY KEY (provider, subject)
    )
    """,
    "CREATE UNIQUE INDEX external_identities_account ON identity.external_identities (account_id, provider)",
)

DOWN = ("external_identities", "revoked_tokens", "refresh_families", "authorization_codes", "signing_keys")


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for table in DOWN:
        op.execute(f"DROP TABLE identity.{table}")
