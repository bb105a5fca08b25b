-- AlterTable
ALTER TABLE "outbox" ADD COLUMN     "published_at" TIMESTAMPTZ(3);

-- What has been published stays for some minutes, so its index must be small: one by the order of writing, and one
-- of what is still to be published.
ALTER TABLE "outbox" DROP CONSTRAINT "outbox_pkey";
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_pkey" PRIMARY KEY USING INDEX "outbox_seq_key";
CREATE INDEX "outbox_unpublished_idx" ON "outbox"("seq") WHERE "published_at" IS NULL;
