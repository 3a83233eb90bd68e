-- What sentences mean that the bot did not read rightly, by what agents made of them. They go with their conversation.

CREATE TABLE suggestions (
    id              TEXT PRIMARY KEY,
    conversation_id TEXT   NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq             BIGINT NOT NULL,   -- the customer's message
    words           TEXT   NOT NULL,   -- without personal data
    language        TEXT   NOT NULL,
    read_as         TEXT,              -- NULL: the bot took it for nothing
    intent          TEXT   NOT NULL,
    reason          TEXT   NOT NULL,
    by_name         TEXT   NOT NULL,   -- the agent who ended the conversation
    created_at      BIGINT NOT NULL,
    state           TEXT   NOT NULL,   -- open, accepted, dismissed
    decided_by      TEXT,
    decided_at      BIGINT
);
CREATE UNIQUE INDEX suggestions_sentence ON suggestions (conversation_id, seq);
CREATE INDEX suggestions_state ON suggestions (state, id);
