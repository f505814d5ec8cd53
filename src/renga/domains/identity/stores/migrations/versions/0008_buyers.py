"""Customer groups, tax numbers and exemptions of buyers."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UP = (
    """
    CREATE TABLE identity.customer_groups (
        code        text   COLLATE "C" PRIMARY KEY,
        merchant_id uuid   REFERENCES identity.merchants,
        name        jsonb  NOT NULL,
        created_ms  bigint NOT NULL
    )
    """,
    "CREATE INDEX customer_groups_merchant ON identity.customer_groups (merchant_id) WHERE merchant_id IS NOT NULL",
    # Given by administrators.
    """
    CREATE TABLE identity.account_groups (
        account_id uuid   NOT NULL REFERENCES identity.accounts,
        code       text   COLLATE "C" NOT NULL REFERENCES identity.customer_groups ON DELETE CASCADE,
        since_ms   bigint NOT NULL,
        PRIMARY KEY (account_id, code)
    )
    """,
    "CREATE INDEX account_groups_code ON identity.account_groups (code)",
    # Put in by merchants, by address, whether it has an account or not.
    """
    CREATE TABLE identity.group_addresses (
        code     text   COLLATE "C" NOT NULL REFERENCES identity.customer_groups ON DELETE CASCADE,
        email    text   COLLATE "C" NOT NULL,
        since_ms bigint NOT NULL,
        PRIMARY KEY (code, email)
    )
    """,
    "CREATE INDEX group_addresses_email ON identity.group_addresses (email)",
    # Left for good by the customer; no merchant reads it.
    """
    CREATE TABLE identity.left_groups (
        account_id uuid   NOT NULL REFERENCES identity.accounts,
        code       text   COLLATE "C" NOT NULL REFERENCES identity.customer_groups ON DELETE CASCADE,
        left_ms    bigint NOT NULL,
        PRIMARY KEY (account_id, code)
    )
    """,
    "CREATE INDEX left_groups_code ON identity.left_groups (code)",
    """
    CREATE TABLE identity.buyer_tax (
        account_id        uuid    PRIMARY KEY REFERENCES identity.accounts,
        country           text,
        tax_id            text    COLLATE "C",
        company           text    NOT NULL DEFAULT '',
        is_company        boolean NOT NULL DEFAULT false,
        stated_ms         bigint,
        verified_ms       bigint,
        certificate       text,
        certificate_until bigint,
        CHECK ((tax_id IS NULL) = (country IS NULL) AND (tax_id IS NULL) = (stated_ms IS NULL)),
        CHECK (verified_ms IS NULL OR tax_id IS NOT NULL)
    )
    """,
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for table in ("buyer_tax", "left_groups", "group_addresses", "account_groups", "customer_groups"):
        op.execute(f"DROP TABLE identity.{table}")
