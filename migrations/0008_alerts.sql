-- What desks of other nodes should notice at once. Rows live for a minute or two.

CREATE TABLE desk_alerts (
    id              TEXT PRIMARY KEY,
    node            TEXT   NOT NULL,   -- which noticed it, and has told its own desks
    at              BIGINT NOT NULL,   -- by the wall clock
    to_agent        TEXT,              -- NULL: all who lead
    conversation_id TEXT,
    what            TEXT   NOT NULL,
    words           TEXT   NOT NULL
);
