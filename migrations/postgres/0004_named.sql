-- An answer of Stripe's from before this time may lag behind the event that named the object: it is taken, and asked for
-- once more; null: the first answer will do.
ALTER TABLE refreshes ADD COLUMN trusted_from TIMESTAMPTZ;
