-- By which way an event came: Stripe posted it, or the sweep found it in Stripe's list.
ALTER TABLE webhook_events ADD COLUMN source TEXT NOT NULL DEFAULT 'webhook' CHECK (source IN ('webhook', 'sweep'));

-- When Stripe posted an event after all that the sweep had found.
ALTER TABLE webhook_events ADD COLUMN arrived_late_at INTEGER;

-- When a parked event was settled again, and had its effect.
ALTER TABLE webhook_events ADD COLUMN replayed_at INTEGER;

CREATE INDEX webhook_events_swept ON webhook_events (received_at, id) WHERE source = 'sweep';

CREATE INDEX webhook_events_parked ON webhook_events (received_at, id) WHERE outcome = 'parked';

-- Payments that Stripe may have to be asked about, those of which nothing was heard for longest first.
CREATE INDEX payments_waiting ON payments (as_of, id) WHERE status IN ('pending', 'processing');

CREATE INDEX payments_of_user ON payments (user_id, created_at);

CREATE INDEX payments_of_subscription ON payments (subscription_id) WHERE subscription_id IS NOT NULL;

-- Subscriptions that may still change, those of which nothing was heard for longest first.
CREATE INDEX subscriptions_live ON subscriptions (checked_at, id)
WHERE status NOT IN ('canceled', 'incomplete_expired');

-- Each kind of background check: when it was last taken on, and how far it has come through Stripe's lists.
CREATE TABLE sweeps (
    name TEXT NOT NULL PRIMARY KEY,
    begun_at INTEGER NOT NULL,
    reached_at INTEGER
) STRICT;
