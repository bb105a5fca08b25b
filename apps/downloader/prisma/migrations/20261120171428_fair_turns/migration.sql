-- AlterTable
ALTER TABLE "transfers" ADD COLUMN     "claimed_at" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "transfers_wanted_by_claimed_at_idx" ON "transfers"("wanted_by", "claimed_at");
