-- What is owed, given back and disputed, as Stripe tells it. A row is there only for what is ours.

-- Invoices of our customers, of which a subscription makes one a period.
CREATE TABLE invoices (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    subscription_id TEXT,
    status TEXT NOT NULL CHECK (status IN ('draft', 'open', 'uncollectible', 'void', 'paid')),
    amount_due_minor INTEGER NOT NULL,
    amount_paid_minor INTEGER NOT NULL,
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    payment_intent_id TEXT,
    paid_at INTEGER,
    created_at INTEGER NOT NULL,
    as_of INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1)
) STRICT;

CREATE INDEX invoices_of_subscription ON invoices (subscription_id, created_at) WHERE subscription_id IS NOT NULL;

CREATE INDEX invoices_by_payment_intent ON invoices (payment_intent_id) WHERE payment_intent_id IS NOT NULL;

-- What was given back of a payment or of an invoice.
CREATE TABLE refunds (
    id TEXT NOT NULL PRIMARY KEY,
    payment_id TEXT,
    invoice_id TEXT,
    payment_intent_id TEXT,
    charge_id TEXT,
    amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    status TEXT NOT NULL CHECK (status IN ('pending', 'requires_action', 'succeeded', 'canceled', 'failed')),
    as_of INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    CHECK ((payment_id IS NULL) <> (invoice_id IS NULL))
) STRICT;

CREATE INDEX refunds_of_payment ON refunds (payment_id) WHERE payment_id IS NOT NULL;

CREATE INDEX refunds_of_invoice ON refunds (invoice_id) WHERE invoice_id IS NOT NULL;

CREATE INDEX refunds_of_charge ON refunds (charge_id) WHERE charge_id IS NOT NULL;

-- What a customer's bank disputes. Stripe adds statuses now and then, so the column does not list them.
CREATE TABLE disputes (
    id TEXT NOT NULL PRIMARY KEY,
    payment_id TEXT,
    invoice_id TEXT,
    payment_intent_id TEXT,
    charge_id TEXT,
    amount_minor INTEGER NOT NULL CHECK (amount_minor >= 0),
    currency TEXT NOT NULL CHECK (length(currency) = 3),
    status TEXT NOT NULL,
    as_of INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    CHECK ((payment_id IS NULL) <> (invoice_id IS NULL))
) STRICT;

CREATE INDEX disputes_of_payment ON disputes (payment_id) WHERE payment_id IS NOT NULL;

CREATE INDEX disputes_of_invoice ON disputes (invoice_id) WHERE invoice_id IS NOT NULL;

-- A refund names the PaymentIntent that it gives back.
CREATE INDEX payments_by_payment_intent ON payments (payment_intent_id) WHERE payment_intent_id IS NOT NULL;

-- When a customer is deleted at Stripe, their subscriptions end.
CREATE INDEX subscriptions_of_customer ON subscriptions (customer_id);

-- Stripe need not be asked if a snapshot of this second or a later one has come by the due time; null: asked anyway.
ALTER TABLE refreshes ADD COLUMN answered_from INTEGER;
