"""Merchants with their members, API keys, OAuth clients with their consents, answers of idempotent writes."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UP = (
    """
    CREATE TABLE identity.merchants (
        id         uuid   PRIMARY KEY,
        name       text   NOT NULL,
        slug       text   COLLATE "C" NOT NULL UNIQUE,
        created_ms bigint NOT NULL,
        closed_ms  bigint
    )
    """,
    """
    CREATE TABLE identity.members (
        merchant_id uuid   NOT NULL REFERENCES identity.merchants,
        account_id  uuid   NOT NULL REFERENCES identity.accounts,
        role        text   NOT NULL CHECK (role IN ('owner', 'manager', 'clerk')),
        since_ms    bigint NOT NULL,
        PRIMARY KEY (merchant_id, account_id)
    )
    """,
    "CREATE INDEX members_account ON identity.members (account_id)",
    # hash: HMAC-SHA-256 of the key under the shop's secret; the key itself is not stored. successor: the key that replaced it.
    """
    CREATE TABLE identity.api_keys (
        id           text    COLLATE "C" PRIMARY KEY,
        hash         bytea   NOT NULL CHECK (length(hash) = 32),
        account_id   uuid    NOT NULL REFERENCES identity.accounts,
        merchant_id  uuid    REFERENCES identity.merchants,
        name         text    NOT NULL,
        scopes       text[]  NOT NULL,
        per_minute   integer NOT NULL CHECK (per_minute > 0),
        burst        integer NOT NULL CHECK (burst > 0),
        life_ms      bigint,
        created_ms   bigint  NOT NULL,
        expires_ms   bigint,
        last_used_ms bigint,
        revoked_ms   bigint,
        successor    text    COLLATE "C" REFERENCES identity.api_keys
    )
    """,
    "CREATE INDEX api_keys_account ON identity.api_keys (account_id, created_ms)",
    "CREATE INDEX api_keys_merchant ON identity.api_keys (merchant_id, created_ms) WHERE merchant_id IS NOT NULL",
    "CREATE INDEX api_keys_successor ON identity.api_keys (successor) WHERE successor IS NOT NULL",
    # document: the contract's Client, with the hash of its secret.
    """
    CREATE TABLE identity.clients (
        id         text   COLLATE "C" PRIMARY KEY,
        document   jsonb  NOT NULL,
        created_ms bigint NOT NULL
    )
    """,
    """
    CREATE TABLE identity.consents (
        account_id uuid   NOT NULL REFERENCES identity.accounts,
        client_id  text   COLLATE "C" NOT NULL REFERENCES identity.clients ON DELETE CASCADE,
        scopes     text[] NOT NULL,
        since_ms   bigint NOT NULL,
        PRIMARY KEY (account_id, client_id)
    )
    """,
    "CREATE INDEX consents_client ON identity.consents (client_id)",
    """
    CREATE TABLE identity.idempotency (
        id          bytea  PRIMARY KEY,
        fingerprint bytea  NOT NULL,
        answer      bytea,
        made_ms     bigint NOT NULL
    )
    """,
    "CREATE INDEX idempotency_made ON identity.idempotency (made_ms)",
)

DOWN = ("idempotency", "consents", "clients", "api_keys", "members", "merchants")


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for table in DOWN:
        op.execute(f"DROP TABLE identity.{table}")
