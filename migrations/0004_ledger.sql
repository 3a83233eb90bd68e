-- The books: double entry, written in the transaction that changes the account, never altered afterwards.

CREATE TABLE ledger_entries (
    txn          TEXT   NOT NULL,   -- follows from customer, version, order and kind: the same change enters once
    line         BIGINT NOT NULL,
    customer_id  TEXT   NOT NULL,
    order_id     TEXT   NOT NULL,
    kind         TEXT   NOT NULL,   -- opening, charge, interest, fee, fee_waiver, payment, refund, credit, payout, write_off …
    account      TEXT   NOT NULL,   -- receivable, stores, interest_income, fee_income, cash, customer_credit, losses
    debit_minor  BIGINT NOT NULL,
    credit_minor BIGINT NOT NULL,
    currency     TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (txn, line)
);
CREATE INDEX ledger_customer ON ledger_entries (customer_id);
