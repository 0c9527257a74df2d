-- Room on each page for the next state of its rows. What a webhook changes is in no index, so PostgreSQL then leaves the
-- indexes alone.
ALTER TABLE subscriptions SET (fillfactor = 90);
