"""Payments, their means and operations, messages of providers, disputes, saved methods, gift cards, and the outbox."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: Amounts are minor units of the payment's currency.
UP = (
    "CREATE SCHEMA IF NOT EXISTS payments",
    # One row per payment. Its lock guards everything about the payment: whoever changes a means or an operation locks it first.
    """
    CREATE TABLE payments.payments (
        id          uuid   PRIMARY KEY,
        key         text   COLLATE "C" NOT NULL UNIQUE,
        reference   text   COLLATE "C" NOT NULL,
        owner       text   COLLATE "C" NOT NULL,
        amount      bigint NOT NULL CHECK (amount > 0),
        currency    text   NOT NULL,
        capture     text   NOT NULL CHECK (capture IN ('now', 'later')),
        customer    text,
        state       text   NOT NULL,
        version     bigint NOT NULL,
        created_ms  bigint NOT NULL,
        updated_ms  bigint NOT NULL,
        document    jsonb  NOT NULL
    ) WITH (fillfactor = 70)
    """,
    "CREATE INDEX payments_reference ON payments.payments (reference, created_ms)",
    "CREATE INDEX payments_owner ON payments.payments (owner, created_ms)",
    "CREATE INDEX payments_customer ON payments.payments (customer) WHERE customer IS NOT NULL",
    """
    CREATE TABLE payments.means (
        id                  uuid    PRIMARY KEY,
        payment             uuid    NOT NULL REFERENCES payments.payments,
        position            integer NOT NULL,
        method              text    NOT NULL,
        provider            text    COLLATE "C" NOT NULL,
        amount              bigint  NOT NULL CHECK (amount > 0),
        state               text    NOT NULL,
        captured            bigint  NOT NULL CHECK (captured >= 0),
        refunded            bigint  NOT NULL CHECK (refunded BETWEEN 0 AND captured),
        refund_asked        bigint  NOT NULL CHECK (refund_asked BETWEEN refunded AND captured),
        provider_ref        text    COLLATE "C",
        authorised_until_ms bigint,
        expires_ms          bigint,
        version             bigint  NOT NULL,
        document            jsonb   NOT NULL,
        UNIQUE (provider, provider_ref)
    ) WITH (fillfactor = 70)
    """,
    "CREATE INDEX means_payment ON payments.means (payment)",
    # For the jobs: what a buyer may still pay, and authorisations that end.
    "CREATE INDEX means_expiring ON payments.means (expires_ms) WHERE state IN ('action_needed', 'pending')",
    """
    CREATE INDEX means_ending ON payments.means (authorised_until_ms)
    WHERE captured < amount AND state NOT IN ('declined', 'expired', 'voided')
        AND NOT document ?| ARRAY['ending_told', 'final']
    """,
    # The key is the idempotency key of the call, committed before the call is made.
    """
    CREATE TABLE payments.operations (
        key            uuid    PRIMARY KEY,
        payment        uuid    NOT NULL REFERENCES payments.payments,
        means          uuid    NOT NULL REFERENCES payments.means,
        kind           text    NOT NULL CHECK (kind IN ('authorise', 'capture', 'void', 'refund')),
        name           text    COLLATE "C" NOT NULL,
        amount         bigint  NOT NULL CHECK (amount >= 0),
        state          text    NOT NULL
            CHECK (state IN ('open', 'accepted', 'refused', 'action_needed', 'pending', 'unknown')),
        fence          bigint  NOT NULL,
        lease_until_ms bigint  NOT NULL,
        attempts       integer NOT NULL,
        next_ms        bigint,
        created_ms     bigint  NOT NULL,
        closed_ms      bigint,
        reason         text,
        request        jsonb   NOT NULL,
        UNIQUE (means, name)
    ) WITH (fillfactor = 70)
    """,
    "CREATE INDEX operations_payment ON payments.operations (payment)",
    # One live operation of a kind on a means, whatever the program decides.
    "CREATE UNIQUE INDEX operations_live ON payments.operations (means, kind) WHERE closed_ms IS NULL",
    "CREATE INDEX operations_due ON payments.operations (next_ms) WHERE closed_ms IS NULL AND next_ms IS NOT NULL",
    # Locks a payment and reads what belongs to it in one call: each statement of a volatile function sees what was committed
    # before the statement, so that the means are those after the lock (a single statement would see those before it).
    """
    CREATE FUNCTION payments.locked(wanted uuid)
    RETURNS TABLE (payment jsonb, means jsonb, operations jsonb) LANGUAGE plpgsql VOLATILE AS $$
    DECLARE found_payment payments.payments;
    BEGIN
        SELECT * INTO found_payment FROM payments.payments WHERE id = wanted FOR UPDATE;
        IF NOT FOUND THEN RETURN; END IF;
        RETURN QUERY SELECT to_jsonb(found_payment),
            (SELECT coalesce(jsonb_agg(to_jsonb(m) ORDER BY m.position), '[]') FROM payments.means m
             WHERE m.payment = wanted),
            (SELECT coalesce(jsonb_agg(to_jsonb(o) ORDER BY o.created_ms, o.key), '[]') FROM payments.operations o
             WHERE o.payment = wanted);
    END
    $$
    """,
    # What providers sent: applied, parked (with a reason; finance replays it) or ignored. The primary key is the inbox check.
    """
    CREATE TABLE payments.webhook_events (
        provider    text    COLLATE "C" NOT NULL,
        event_id    text    COLLATE "C" NOT NULL,
        state       text    NOT NULL CHECK (state IN ('applied', 'parked', 'ignored')),
        kind        text    NOT NULL,
        ref         text    NOT NULL,
        received_ms bigint  NOT NULL,
        body        bytea   NOT NULL,
        tries       integer NOT NULL,
        reason      text,
        payment     uuid,
        means       uuid,
        next_ms     bigint,
        PRIMARY KEY (provider, event_id)
    )
    """,
    "CREATE INDEX webhook_events_received ON payments.webhook_events (received_ms, provider, event_id)",
    """
    CREATE INDEX webhook_events_parked ON payments.webhook_events (received_ms, provider, event_id) WHERE state = 'parked'
    """,
    "CREATE INDEX webhook_events_due ON payments.webhook_events (next_ms) WHERE state = 'parked' AND next_ms IS NOT NULL",
    """
    CREATE TABLE payments.disputes (
        provider    text   COLLATE "C" NOT NULL,
        id          text   COLLATE "C" NOT NULL,
        payment     uuid   NOT NULL REFERENCES payments.payments,
        means       uuid   NOT NULL REFERENCES payments.means,
        state       text   NOT NULL CHECK (state IN ('opened', 'won', 'lost')),
        amount      bigint NOT NULL,
        currency    text   NOT NULL,
        reason      text   NOT NULL,
        due_ms      bigint,
        opened_ms   bigint NOT NULL,
        changed_ms  bigint NOT NULL,
        PRIMARY KEY (provider, id)
    )
    """,
    "CREATE INDEX disputes_open ON payments.disputes (opened_ms) WHERE state = 'opened'",
    "CREATE INDEX disputes_payment ON payments.disputes (payment)",
    """
    CREATE TABLE payments.saved_methods (
        id           uuid   PRIMARY KEY,
        customer     text   COLLATE "C" NOT NULL,
        method       text   NOT NULL,
        provider     text   COLLATE "C" NOT NULL,
        saved_ref    text   COLLATE "C" NOT NULL,
        consent      text   NOT NULL,
        consented_ms bigint NOT NULL,
        usage        text   NOT NULL CHECK (usage IN ('one_off', 'recurring')),
        card         jsonb,
        removed_ms   bigint,
        UNIQUE (provider, saved_ref)
    )
    """,
    "CREATE INDEX saved_methods_customer ON payments.saved_methods (customer, id) WHERE removed_ms IS NULL",
    # What is left on a card is the ledger's to say; the row is the lock that guards it.
    """
    CREATE TABLE payments.gift_cards (
        id         uuid   PRIMARY KEY,
        digest     bytea  NOT NULL UNIQUE,
        currency   text   NOT NULL,
        initial    bigint NOT NULL CHECK (initial > 0),
        created_ms bigint NOT NULL
    )
    """,
    'CREATE TABLE payments.store_credits (customer text COLLATE "C" PRIMARY KEY, created_ms bigint NOT NULL)',
    # Declines by checkout and by address are counted where they are kept: see velocity rules.
    """
    CREATE INDEX payments_declined_reference ON payments.payments (reference, updated_ms) WHERE state = 'declined'
    """,
    """
    CREATE INDEX payments_declined_address ON payments.payments ((document #>> '{payer,address}'), updated_ms)
    WHERE state = 'declined'
    """,
    # Attempts of one checkout come one after the other. As above: what is read is what was committed before the lock was free.
    """
    CREATE FUNCTION payments.attempts(of text, address text, since bigint, open_since bigint, most integer)
    RETURNS TABLE (of_reference bigint[], of_address bigint[], open_attempts bigint) LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('payments:' || of, 0));
        RETURN QUERY SELECT
            ARRAY(SELECT p.updated_ms FROM payments.payments p
                  WHERE p.state = 'declined' AND p.reference = of AND p.updated_ms > since
                  ORDER BY p.updated_ms DESC LIMIT most),
            ARRAY(SELECT p.updated_ms FROM payments.payments p
                  WHERE p.state = 'declined' AND p.document #>> '{payer,address}' = address AND p.updated_ms > since
                  ORDER BY p.updated_ms DESC LIMIT most),
            (SELECT count(*) FROM payments.payments p
             WHERE p.reference = of AND p.state IN ('created', 'unknown') AND p.created_ms > open_since);
    END
    $$
    """,
    "CREATE TABLE payments.idempotency (id bytea PRIMARY KEY, fingerprint bytea, answer bytea, made_ms bigint)",
    "CREATE TABLE payments.outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event jsonb NOT NULL)",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SCHEMA payments CASCADE")
