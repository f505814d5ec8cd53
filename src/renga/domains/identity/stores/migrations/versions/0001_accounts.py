"""Accounts with their proofs, addresses, attempts, the audit trail and the outbox."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UP = (
    "CREATE SCHEMA IF NOT EXISTS identity",
    # email is normalised (lower case, ASCII); NULL once the person is erased. version is the sequence of the account's events.
    """
    CREATE TABLE identity.accounts (
        id           uuid     PRIMARY KEY,
        email        text     COLLATE "C" UNIQUE,
        verified_ms  bigint,
        name         text     NOT NULL,
        language     text     NOT NULL,
        stakeholders text[]   NOT NULL,
        password     text,
        created_ms   bigint   NOT NULL,
        erased_ms    bigint,
        version      bigint   NOT NULL DEFAULT 1 CHECK (version > 0),
        CHECK (erased_ms IS NULL OR (email IS NULL AND password IS NULL AND name = '')),
        CHECK (erased_ms IS NOT NULL OR email IS NOT NULL)
    )
    """,
    # An account is created when its address is verified; the clicked link selects the registration.
    """
    CREATE TABLE identity.registrations (
        link_hash  bytea  PRIMARY KEY,
        account_id uuid   NOT NULL,
        email      text   COLLATE "C" NOT NULL,
        name       text   NOT NULL,
        language   text   NOT NULL,
        password   text   NOT NULL,
        expires_ms bigint NOT NULL
    )
    """,
    "CREATE INDEX registrations_email ON identity.registrations (email)",
    "CREATE INDEX registrations_expires ON identity.registrations (expires_ms)",
    """
    CREATE TABLE identity.recoveries (
        link_hash  bytea  PRIMARY KEY,
        account_id uuid   NOT NULL REFERENCES identity.accounts,
        expires_ms bigint NOT NULL
    )
    """,
    "CREATE INDEX recoveries_account ON identity.recoveries (account_id)",
    "CREATE INDEX recoveries_expires ON identity.recoveries (expires_ms)",
    # secret is encrypted with the shop's secret; the pending one replaces it once its first code is confirmed.
    """
    CREATE TABLE identity.totp (
        account_id uuid   PRIMARY KEY REFERENCES identity.accounts,
        secret     bytea,
        pending    bytea,
        last_step  bigint NOT NULL DEFAULT 0,
        checked_ms bigint NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TABLE identity.recovery_codes (
        account_id uuid  NOT NULL REFERENCES identity.accounts,
        code_hash  bytea NOT NULL,
        PRIMARY KEY (account_id, code_hash)
    )
    """,
    """
    CREATE TABLE identity.passkeys (
        credential_id bytea   PRIMARY KEY,
        account_id    uuid    NOT NULL REFERENCES identity.accounts,
        public_key    bytea   NOT NULL,
        sign_count    bigint  NOT NULL,
        name          text    NOT NULL,
        transports    text[]  NOT NULL,
        synced        boolean NOT NULL,
        created_ms    bigint  NOT NULL,
        used_ms       bigint
    )
    """,
    "CREATE INDEX passkeys_account ON identity.passkeys (account_id)",
    """
    CREATE TABLE identity.challenges (
        challenge  bytea  PRIMARY KEY,
        account_id uuid   REFERENCES identity.accounts,
        expires_ms bigint NOT NULL
    )
    """,
    "CREATE INDEX challenges_expires ON identity.challenges (expires_ms)",
    """
    CREATE TABLE identity.addresses (
        id         uuid    PRIMARY KEY,
        account_id uuid    NOT NULL REFERENCES identity.accounts,
        address    jsonb   NOT NULL,
        preferred  boolean NOT NULL,
        saved_ms   bigint  NOT NULL
    )
    """,
    "CREATE INDEX addresses_account ON identity.addresses (account_id)",
    "CREATE UNIQUE INDEX addresses_preferred ON identity.addresses (account_id) WHERE preferred",
    # subject and network are keyed hashes; an empty one counts the other alone. known_ms: when it last succeeded.
    """
    CREATE TABLE identity.attempts (
        subject  bytea  NOT NULL,
        network  bytea  NOT NULL,
        failures bigint NOT NULL,
        last_ms  bigint NOT NULL,
        known_ms bigint NOT NULL,
        PRIMARY KEY (subject, network)
    )
    """,
    "CREATE INDEX attempts_strange ON identity.attempts (last_ms) WHERE known_ms = 0",
    "CREATE INDEX attempts_known ON identity.attempts (last_ms) WHERE known_ms > 0",
    """
    CREATE TABLE identity.audit (
        position   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at_ms      bigint NOT NULL,
        action     text   NOT NULL,
        account_id uuid,
        by         text,
        address    text   NOT NULL,
        details    jsonb  NOT NULL
    )
    """,
    "CREATE INDEX audit_account ON identity.audit (account_id, position)",
    # The trail is append-only, except that an erased person's network addresses may be deleted.
    """
    CREATE FUNCTION identity.keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF NEW.address = '' AND to_jsonb(NEW) - 'address' = to_jsonb(OLD) - 'address' THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'the audit trail is never changed';
    END
    $$
    """,
    """
    CREATE TRIGGER keep_audit BEFORE UPDATE OR DELETE ON identity.audit
    FOR EACH ROW EXECUTE FUNCTION identity.keep_audit()
    """,
    "CREATE TABLE identity.outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event jsonb NOT NULL)",
)

DOWN = (
    *("outbox", "audit", "attempts", "addresses", "challenges", "passkeys", "recovery_codes", "totp"),
    *("recoveries", "registrations", "accounts"),
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for table in DOWN:
        op.execute(f"DROP TABLE identity.{table}")
    op.execute("DROP FUNCTION identity.keep_audit()")
