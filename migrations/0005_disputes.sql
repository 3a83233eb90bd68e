-- Open disputes, derived from accounts like timers: for the desk's list of what waits for a decision.

CREATE TABLE open_disputes (
    id          TEXT   PRIMARY KEY,
    customer_id TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    due_at      BIGINT NOT NULL,   -- the end of the calendar when nothing runs
    opened_at   BIGINT NOT NULL
);
CREATE INDEX open_disputes_state ON open_disputes (state, due_at);
CREATE INDEX open_disputes_customer ON open_disputes (customer_id);
