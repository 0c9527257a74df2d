-- Times come from the program's clock, in UTC, to the microsecond; no column has a default.
-- Ids sort by their bytes (COLLATE "C"), whatever the collation of the database: rows are locked in that order.
--
-- There are no foreign keys: Stripe may tell of an object before it tells of the one that it belongs to.

-- To which Stripe this database belongs. One row at most.
CREATE TABLE installation (
    id SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    mode TEXT NOT NULL CHECK (mode IN ('sandbox', 'test', 'live')),
    account_id TEXT NOT NULL
);

-- Who a user is at Stripe. Written before Stripe is asked to create the customer.
CREATE TABLE customers (
    key UUID NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL,
    customer_id TEXT COLLATE "C" UNIQUE,
    deleted_at TIMESTAMPTZ
);

CREATE UNIQUE INDEX customers_one_per_user ON customers (user_id) WHERE deleted_at IS NULL;

-- One attempt of one user to buy one price.
CREATE TABLE payments (
    id UUID NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL,
    slot TEXT COLLATE "C" NOT NULL,
    price_id TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity >= 1),
    mode TEXT NOT NULL CHECK (mode IN ('payment', 'subscription')),
    params JSONB NOT NULL,
    idempotency_key TEXT NOT NULL,
    session_id TEXT COLLATE "C" UNIQUE,
    checkout_url TEXT,
    expires_at TIMESTAMPTZ,
    status TEXT NOT NULL CHECK (status IN ('creating', 'pending', 'expired', 'processing', 'failed', 'succeeded')),
    quoted_minor BIGINT NOT NULL CHECK (quoted_minor >= 0),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    total_minor BIGINT,
    customer_id TEXT NOT NULL,
    payment_intent_id TEXT,
    subscription_id TEXT,
    invoice_id TEXT,
    settled_at TIMESTAMPTZ,
    settled_by TEXT CHECK (settled_by IN ('webhook', 'landing', 'sweep')),
    as_of TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL CHECK (version >= 1)
);

-- Two open checkouts of one user for one thing are impossible.
CREATE UNIQUE INDEX payments_one_open_per_slot ON payments (user_id, slot)
WHERE status IN ('creating', 'pending', 'processing');

CREATE INDEX payments_left_creating ON payments (created_at, id) WHERE status = 'creating';

-- A mirror of Stripe's subscriptions.
CREATE TABLE subscriptions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id TEXT COLLATE "C" NOT NULL,
    customer_id TEXT NOT NULL,
    slot TEXT COLLATE "C" NOT NULL,
    price_id TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity >= 0),
    status TEXT NOT NULL CHECK (
        status IN (
            'incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'canceled', 'unpaid', 'paused'
        )
    ),
    status_since TIMESTAMPTZ NOT NULL,
    current_period_end TIMESTAMPTZ,
    cancel_at_period_end BOOLEAN NOT NULL,
    cancel_at TIMESTAMPTZ,
    trial_end TIMESTAMPTZ,
    as_of TIMESTAMPTZ NOT NULL,
    from_created BOOLEAN NOT NULL,
    checked_at TIMESTAMPTZ NOT NULL,
    version BIGINT NOT NULL CHECK (version >= 1)
);

CREATE INDEX subscriptions_of_user ON subscriptions (user_id, slot);

-- Which events have had their effect. The row is the claim. Only a parked event keeps its body.
CREATE TABLE webhook_events (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    type TEXT NOT NULL,
    object_id TEXT COLLATE "C",
    api_version TEXT,
    livemode BOOLEAN NOT NULL,
    event_created TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('processed', 'ignored', 'parked')),
    reason TEXT,
    payload BYTEA CHECK (payload IS NULL OR outcome = 'parked')
);

CREATE INDEX webhook_events_by_arrival ON webhook_events (received_at);

-- By hash: what an event calls its object's id may be of any length.
CREATE INDEX webhook_events_of_object ON webhook_events USING hash (object_id) WHERE object_id IS NOT NULL;

-- What to ask Stripe again, one entry per object.
CREATE TABLE refreshes (
    object_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    generation BIGINT NOT NULL CHECK (generation >= 1),
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    claimed_until TIMESTAMPTZ
);

CREATE INDEX refreshes_by_due_time ON refreshes (due_at, object_id);

-- Every change of a payment or subscription: audit trail and outbox.
CREATE TABLE transitions (
    object_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    from_status TEXT,
    to_status TEXT NOT NULL,
    cause TEXT NOT NULL,
    event_id TEXT,
    at TIMESTAMPTZ NOT NULL,
    delivered_at TIMESTAMPTZ,
    PRIMARY KEY (object_id, version)
);
