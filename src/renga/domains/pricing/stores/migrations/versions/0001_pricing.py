"""Promotions with their codes and counts, redemptions, rules, kept answers and the outbox."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UP = (
    "CREATE SCHEMA IF NOT EXISTS pricing",
    # One row: whatever a quote follows changes only under its lock, and gives it another number.
    "CREATE TABLE pricing.revision (one boolean PRIMARY KEY DEFAULT true CHECK (one), number bigint NOT NULL)",
    """
    CREATE TABLE pricing.promotions (
        id                uuid    PRIMARY KEY,
        position          bigint  GENERATED ALWAYS AS IDENTITY UNIQUE,
        merchant          text,
        version           bigint  NOT NULL,
        active            boolean NOT NULL,
        uses_max          bigint,
        customer_uses_max bigint,
        document          jsonb   NOT NULL
    )
    """,
    "CREATE INDEX promotions_merchant ON pricing.promotions (merchant, position)",
    "CREATE INDEX promotions_active ON pricing.promotions (position) WHERE active",
    "CREATE INDEX promotions_limited ON pricing.promotions (id) WHERE uses_max IS NOT NULL OR customer_uses_max IS NOT NULL",
    # Codes that promotions list themselves, without regard to case.
    """
    CREATE TABLE pricing.promotion_codes (
        code      text COLLATE "C" PRIMARY KEY,
        promotion uuid NOT NULL REFERENCES pricing.promotions ON DELETE CASCADE
    )
    """,
    "CREATE INDEX promotion_codes_promotion ON pricing.promotion_codes (promotion)",
    """
    CREATE TABLE pricing.code_batches (
        id         uuid   PRIMARY KEY,
        promotion  uuid   NOT NULL REFERENCES pricing.promotions ON DELETE CASCADE,
        count      int    NOT NULL,
        prefix     text   NOT NULL,
        seed       bytea  NOT NULL,
        created_ms bigint NOT NULL
    )
    """,
    "CREATE INDEX code_batches_promotion ON pricing.code_batches (promotion, created_ms)",
    # Single-use codes: only digests, so that a copy of the table gives nobody a discount.
    """
    CREATE TABLE pricing.single_use_codes (
        digest     bytea PRIMARY KEY,
        promotion  uuid  NOT NULL REFERENCES pricing.promotions ON DELETE CASCADE,
        batch      uuid  NOT NULL REFERENCES pricing.code_batches ON DELETE CASCADE,
        redemption text  COLLATE "C"
    ) WITH (fillfactor = 90)
    """,
    "CREATE INDEX single_use_codes_batch ON pricing.single_use_codes (batch)",
    "CREATE INDEX single_use_codes_promotion ON pricing.single_use_codes (promotion)",
    "CREATE INDEX single_use_codes_used ON pricing.single_use_codes (redemption) WHERE redemption IS NOT NULL",
    # How often promotions with a limit are used, held uses included.
    """
    CREATE TABLE pricing.uses (
        promotion uuid   PRIMARY KEY REFERENCES pricing.promotions ON DELETE CASCADE,
        uses      bigint NOT NULL CHECK (uses >= 0)
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE pricing.customer_uses (
        promotion uuid   NOT NULL REFERENCES pricing.promotions ON DELETE CASCADE,
        customer  text   COLLATE "C" NOT NULL,
        uses      bigint NOT NULL CHECK (uses >= 0),
        PRIMARY KEY (promotion, customer)
    )
    """,
    "CREATE INDEX customer_uses_customer ON pricing.customer_uses (customer)",
    """
    CREATE TABLE pricing.redemptions (
        key         text   COLLATE "C" PRIMARY KEY,
        state       text   NOT NULL CHECK (state IN ('held', 'committed', 'released')),
        customer    text   COLLATE "C",
        fingerprint bytea  NOT NULL,
        made_ms     bigint NOT NULL,
        expires_ms  bigint NOT NULL
    )
    """,
    "CREATE INDEX redemptions_held ON pricing.redemptions (expires_ms) WHERE state = 'held'",
    "CREATE INDEX redemptions_released ON pricing.redemptions (expires_ms) WHERE state = 'released'",
    "CREATE INDEX redemptions_customer ON pricing.redemptions (customer) WHERE customer IS NOT NULL",
    # Without a reference to promotions: orders keep what they used when a promotion is removed.
    """
    CREATE TABLE pricing.redemption_uses (
        key       text   COLLATE "C" NOT NULL REFERENCES pricing.redemptions ON DELETE CASCADE,
        promotion uuid   NOT NULL,
        amount    bigint NOT NULL,
        currency  text   NOT NULL,
        PRIMARY KEY (key, promotion)
    )
    """,
    "CREATE INDEX redemption_uses_promotion ON pricing.redemption_uses (promotion)",
    # The rules of each channel (``*``: of all others), and the tax tables (``kind`` taxes, channel empty).
    """
    CREATE TABLE pricing.rules (
        kind     text   NOT NULL CHECK (kind IN ('policy', 'taxes')),
        channel  text   COLLATE "C" NOT NULL,
        version  bigint NOT NULL,
        document jsonb  NOT NULL,
        PRIMARY KEY (kind, channel)
    )
    """,
    """
    CREATE TABLE pricing.idempotency (
        id bytea PRIMARY KEY, fingerprint bytea NOT NULL, answer bytea, made_ms bigint NOT NULL
    )
    """,
    "CREATE INDEX idempotency_age ON pricing.idempotency (made_ms)",
    "CREATE TABLE pricing.outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event jsonb NOT NULL)",
)  # fmt: skip


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA pricing CASCADE")
