-- Few wait at a time; all of them are looked at every ten seconds.
CREATE INDEX "webhook_deliveries_waiting_idx" ON "webhook_deliveries"("webhook_id", "subject", "seq")
    WHERE "status" = 'waiting';
