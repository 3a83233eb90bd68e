-- The ground floor. One SQL for SQLite and PostgreSQL: ids TEXT, instants BIGINT (milliseconds UTC), JSON TEXT, flags BIGINT.

CREATE TABLE conversations (
    id          TEXT PRIMARY KEY,
    customer_id TEXT,
    version     BIGINT NOT NULL,   -- the fence: moves with every commit
    head        BIGINT NOT NULL,   -- seq of the last public event
    sub         BIGINT NOT NULL,   -- desk-only events after it
    asked       BIGINT NOT NULL,   -- seq of the last customer event that wants an answer
    answered    BIGINT NOT NULL,   -- seq of the last customer event that a turn has answered
    owner       TEXT   NOT NULL,   -- bot, queued, agent, closed
    owner_of    TEXT,              -- ticket, agent or outcome
    state       TEXT   NOT NULL,   -- dialog state
    locale      TEXT   NOT NULL,
    wake_at     BIGINT,            -- when the bot should look again
    started_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX conversations_customer ON conversations (customer_id);
CREATE INDEX conversations_unanswered ON conversations (id) WHERE asked > answered;
CREATE INDEX conversations_wake ON conversations (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX conversations_owner ON conversations (owner_of) WHERE owner = 'agent';

CREATE TABLE events (
    conversation_id TEXT   NOT NULL,
    seq             BIGINT NOT NULL,
    sub             BIGINT NOT NULL,
    at              BIGINT NOT NULL,
    by_kind         TEXT   NOT NULL,
    by_name         TEXT,
    kind            TEXT   NOT NULL,
    data            TEXT   NOT NULL,
    key             TEXT,
    level           BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, seq, sub)
);
CREATE UNIQUE INDEX events_key ON events (conversation_id, key) WHERE key IS NOT NULL;

CREATE TABLE tickets (
    id              TEXT PRIMARY KEY,
    conversation_id TEXT   NOT NULL,
    queue           TEXT   NOT NULL,
    priority        BIGINT NOT NULL,
    reason          TEXT   NOT NULL,
    intent          TEXT,
    customer_name   TEXT,
    preview         TEXT   NOT NULL,
    packet          TEXT   NOT NULL,
    waiting_since   BIGINT NOT NULL,
    due_at          BIGINT NOT NULL,
    state           TEXT   NOT NULL,   -- open, claimed, done
    claimed_by      TEXT,
    claimed_at      BIGINT
);
CREATE INDEX tickets_open ON tickets (priority, waiting_since) WHERE state = 'open';
CREATE INDEX tickets_conversation ON tickets (conversation_id);

CREATE TABLE merchants (
    id  TEXT PRIMARY KEY,
    doc TEXT NOT NULL
);
CREATE TABLE customers (
    id      TEXT PRIMARY KEY,
    version BIGINT NOT NULL,   -- fences the whole account: orders, plans and disputes included
    doc     TEXT   NOT NULL
);
CREATE TABLE orders (
    id          TEXT PRIMARY KEY,
    customer_id TEXT   NOT NULL,
    position    BIGINT NOT NULL,
    ref         TEXT   NOT NULL,
    doc         TEXT   NOT NULL
);
CREATE INDEX orders_customer ON orders (customer_id);
CREATE TABLE plans (
    id          TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL,
    order_id    TEXT NOT NULL,
    status      TEXT NOT NULL,
    doc         TEXT NOT NULL
);
CREATE INDEX plans_customer ON plans (customer_id);
CREATE TABLE disputes (
    id               TEXT PRIMARY KEY,
    public_no        TEXT   NOT NULL UNIQUE,
    customer_id      TEXT   NOT NULL,
    order_id         TEXT   NOT NULL,
    position         BIGINT NOT NULL,
    state            TEXT   NOT NULL,
    next_deadline_at BIGINT,
    doc              TEXT   NOT NULL
);
CREATE INDEX disputes_customer ON disputes (customer_id);
CREATE TABLE account_records (
    id          TEXT PRIMARY KEY,
    customer_id TEXT   NOT NULL,
    kind        TEXT   NOT NULL,   -- case, notice, promise, adjustment
    position    BIGINT NOT NULL,
    doc         TEXT   NOT NULL
);
CREATE INDEX account_records_customer ON account_records (customer_id);

CREATE TABLE agents (
    id            TEXT PRIMARY KEY,
    name          TEXT   NOT NULL UNIQUE,
    role          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE TABLE desk_sessions (
    token_hash TEXT PRIMARY KEY,
    agent_id   TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE outbox (
    id         TEXT PRIMARY KEY,
    topic      TEXT   NOT NULL,
    payload    TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
