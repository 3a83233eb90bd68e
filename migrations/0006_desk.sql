-- The desk: skills, who is there, offers, clocks, sessions that can be listed, and a chained log of privileged acts.

ALTER TABLE agents ADD COLUMN skills TEXT NOT NULL DEFAULT '[]';       -- queues, JSON; empty: all
ALTER TABLE agents ADD COLUMN languages TEXT NOT NULL DEFAULT '[]';    -- two letters each, JSON; empty: all
ALTER TABLE agents ADD COLUMN capacity BIGINT NOT NULL DEFAULT 4;      -- conversations at once
ALTER TABLE agents ADD COLUMN totp_secret TEXT;                        -- base32; a second factor
ALTER TABLE agents ADD COLUMN totp_on BIGINT NOT NULL DEFAULT 0;
ALTER TABLE agents ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0;     -- the last step used: a code works once

CREATE TABLE presence (                -- one row for each agent who has ever been at the desk
    agent_id  TEXT PRIMARY KEY,
    node      TEXT   NOT NULL,
    available BIGINT NOT NULL,
    seen_at   BIGINT NOT NULL,         -- by the wall clock: the node that holds their sockets is alive
    gone_at   BIGINT,                  -- by the server's clock: without a socket since then
    missed    BIGINT NOT NULL DEFAULT 0
);

ALTER TABLE tickets ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
ALTER TABLE tickets ADD COLUMN market TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN done_at BIGINT;
ALTER TABLE tickets ADD COLUMN offered_to TEXT;
ALTER TABLE tickets ADD COLUMN offer_until BIGINT;
ALTER TABLE tickets ADD COLUMN declined TEXT NOT NULL DEFAULT '[]';    -- agents, JSON
ALTER TABLE tickets ADD COLUMN reserved TEXT;                          -- kept for this agent …
ALTER TABLE tickets ADD COLUMN reserved_until BIGINT;                  -- … until then
ALTER TABLE tickets ADD COLUMN not_before BIGINT;                      -- snoozed, or a call back
ALTER TABLE tickets ADD COLUMN callback BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN code TEXT;                              -- how it ended
CREATE INDEX tickets_done ON tickets (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE desk_clocks (
    conversation_id TEXT   NOT NULL,
    kind            TEXT   NOT NULL,   -- first_answer, next_answer, resolution
    started_at      BIGINT NOT NULL,
    warn_at         BIGINT NOT NULL,
    due_at          BIGINT NOT NULL,
    state           TEXT   NOT NULL,   -- running, warned, breached; kept, missed (it has ended)
    ended_at        BIGINT,
    PRIMARY KEY (conversation_id, kind)
);
CREATE INDEX desk_clocks_running ON desk_clocks (state, warn_at) WHERE state IN ('running', 'warned', 'breached');

ALTER TABLE desk_sessions ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE desk_sessions ADD COLUMN started_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE desk_sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE desk_sessions ADD COLUMN client TEXT NOT NULL DEFAULT '';

CREATE TABLE audit (                   -- each row's hash covers the one before it
    n       BIGINT PRIMARY KEY,
    at      BIGINT NOT NULL,
    agent   TEXT   NOT NULL,
    act     TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    detail  TEXT   NOT NULL,
    hash    TEXT   NOT NULL
);
