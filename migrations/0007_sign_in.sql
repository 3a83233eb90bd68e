-- Sign-in at the desk by a company's identity provider.

CREATE TABLE desk_subjects (           -- people are known by issuer and subject, never by name or mail: those change hands
    issuer     TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    agent_id   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);

CREATE TABLE desk_attempts (           -- browsers that were sent to the provider and have not come back
    state_hash TEXT PRIMARY KEY,
    nonce      TEXT   NOT NULL,
    verifier   TEXT   NOT NULL,        -- the secret of PKCE
    expires_at BIGINT NOT NULL
);
