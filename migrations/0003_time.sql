-- Time and facts. Timers and subjects are derived from accounts and written in the transaction that changes the account.

ALTER TABLE customers ADD COLUMN since BIGINT NOT NULL DEFAULT 0;   -- when redress took the account over

CREATE TABLE timers (
    subject     TEXT   NOT NULL,   -- what it is about: a dispute, an instalment, a parcel …
    kind        TEXT   NOT NULL,
    customer_id TEXT   NOT NULL,
    due_at      BIGINT NOT NULL,
    PRIMARY KEY (subject, kind)
);
CREATE INDEX timers_due ON timers (due_at);
CREATE INDEX timers_customer ON timers (customer_id);

CREATE TABLE subjects (            -- which account holds an id that a fact may name
    id          TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    PRIMARY KEY (id, customer_id)
);
CREATE INDEX subjects_customer ON subjects (customer_id);

CREATE TABLE facts (
    source      TEXT   NOT NULL,
    id          TEXT   NOT NULL,   -- the sender's id of the event
    kind        TEXT   NOT NULL,
    subject     TEXT   NOT NULL,
    occurred_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    body        TEXT   NOT NULL,
    state       TEXT   NOT NULL,   -- applied, noted (it changed nothing), parked (its subject is unknown), reported (parked for too long)
    why         TEXT,
    customer_id TEXT,
    PRIMARY KEY (source, id)
);
CREATE INDEX facts_parked ON facts (subject) WHERE state = 'parked';
CREATE INDEX facts_state ON facts (state, received_at);

ALTER TABLE outbox ADD COLUMN sent_at BIGINT;                        -- the webhook took it
ALTER TABLE outbox ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN next_try_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN answered_at BIGINT;                    -- the simulated provider answered it (demo only)
CREATE INDEX outbox_unsent ON outbox (next_try_at, id) WHERE sent_at IS NULL;
CREATE INDEX outbox_unanswered ON outbox (created_at) WHERE answered_at IS NULL AND topic IN ('payment.debit', 'refund.pay_out');
