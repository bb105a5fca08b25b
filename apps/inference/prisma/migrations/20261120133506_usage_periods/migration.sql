-- CreateIndex
CREATE INDEX "usage_totals_starts_on_idx" ON "usage_totals"("starts_on");

-- A few rows take all the writes of a day: leave room for updates in place.
ALTER TABLE "usage_totals" SET (fillfactor = 50);
