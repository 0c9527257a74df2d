-- Times are microseconds since 1970-01-01 00:00:00 UTC; UUIDs are hyphenated text; booleans are 0 and 1.
--
-- A look with the sqlite3 shell:
--   SELECT id, status, datetime(created_at / 1000000, 'unixepoch') FROM payments;
--
-- There are no foreign keys: Stripe may tell of an object before it tells of the one that it belongs to.

-- To which Stripe this database belongs. One row at most.
CREATE TABLE installation (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    mode TEXT NOT NULL CHECK (mode IN ('sandbox', 'test', 'live')),
    account_id TEXT NOT NULL
) STRICT;

-- Who a user is at Stripe. Written before Stripe is asked to create the customer.
CREATE TABLE customers (
    key TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    customer_id TEXT UNIQUE,
    deleted_at INTEGER
) STRICT;

CREATE UNIQUE INDEX customers_one_per_user ON customers (user_id) WHERE deleted_at IS NULL;

-- One attempt of one user to buy one price.
CREATE TABLE payments (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    slot TEXT NOT NULL,
    price_id TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity >= 1),
    mode TEXT NOT NULL CHECK (mode IN ('payment', 'subscription')),
    params TEXT NOT NULL CHECK (json_valid(params)),
    idempotency_key TEXT NOT NULL,
    session_id TEXT UNIQUE,
    checkout_url TEXT,
    expires_at INTEGER,
    status TEXT NOT NULL CHECK (status IN ('creating', 'pending', 'expired', 'processing', 'failed', 'succeeded')),
    quoted_minor INTEGER NOT NULL CHECK (quoted_minor >= 0),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    total_minor INTEGER,
    customer_id TEXT NOT NULL,
    payment_intent_id TEXT,
    subscription_id TEXT,
    invoice_id TEXT,
    settled_at INTEGER,
    settled_by TEXT CHECK (settled_by IN ('webhook', 'landing', 'sweep')),
    as_of INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1)
) STRICT;

-- Two open checkouts of one user for one thing are impossible.
CREATE UNIQUE INDEX payments_one_open_per_slot ON payments (user_id, slot)
WHERE status IN ('creating', 'pending', 'processing');

CREATE INDEX payments_left_creating ON payments (created_at, id) WHERE status = 'creating';

-- A mirror of Stripe's subscriptions.
CREATE TABLE subscriptions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    slot TEXT NOT NULL,
    price_id TEXT NOT NULL,
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    status TEXT NOT NULL CHECK (
        status IN (
            'incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'canceled', 'unpaid', 'paused'
        )
    ),
    status_since INTEGER NOT NULL,
    current_period_end INTEGER,
    cancel_at_period_end INTEGER NOT NULL CHECK (cancel_at_period_end IN (0, 1)),
    cancel_at INTEGER,
    trial_end INTEGER,
    as_of INTEGER NOT NULL,
    from_created INTEGER NOT NULL CHECK (from_created IN (0, 1)),
    checked_at INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1)
) STRICT;

CREATE INDEX subscriptions_of_user ON subscriptions (user_id, slot);

-- Which events have had their effect. The row is the claim. Only a parked event keeps its body.
CREATE TABLE webhook_events (
    id TEXT NOT NULL PRIMARY KEY,
    type TEXT NOT NULL,
    object_id TEXT,
    api_version TEXT,
    livemode INTEGER NOT NULL CHECK (livemode IN (0, 1)),
    event_created INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('processed', 'ignored', 'parked')),
    reason TEXT,
    payload BLOB CHECK (payload IS NULL OR outcome = 'parked')
) STRICT;

CREATE INDEX webhook_events_by_arrival ON webhook_events (received_at);

CREATE INDEX webhook_events_of_object ON webhook_events (object_id) WHERE object_id IS NOT NULL;

-- What to ask Stripe again, one entry per object.
CREATE TABLE refreshes (
    object_id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    generation INTEGER NOT NULL CHECK (generation >= 1),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    claimed_until INTEGER
) STRICT;

CREATE INDEX refreshes_by_due_time ON refreshes (due_at, object_id);

-- Every change of a payment or subscription: audit trail and outbox.
CREATE TABLE transitions (
    object_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    from_status TEXT,
    to_status TEXT NOT NULL,
    cause TEXT NOT NULL,
    event_id TEXT,
    at INTEGER NOT NULL,
    delivered_at INTEGER,
    PRIMARY KEY (object_id, version)
) STRICT;
