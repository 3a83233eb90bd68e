-- Carriers are asked, too; in the demo a simulated one answers.
DROP INDEX outbox_unanswered;
CREATE INDEX outbox_unanswered ON outbox (created_at)
    WHERE answered_at IS NULL AND topic IN ('payment.debit', 'refund.pay_out', 'carrier.watch', 'carrier.trace');
