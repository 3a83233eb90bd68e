-- Who has come within the last minutes: estimates of waits look at their pace and kinds.
CREATE INDEX tickets_came ON tickets (waiting_since);
