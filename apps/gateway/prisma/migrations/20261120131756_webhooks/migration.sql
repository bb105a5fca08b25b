-- AlterTable
ALTER TABLE "activity" ADD COLUMN     "webhook_url" TEXT;

-- CreateTable
CREATE TABLE "webhooks" (
    "id" UUID NOT NULL,
    "space_id" UUID NOT NULL,
    "job_urls_of" UUID,
    "url" TEXT,
    "description" TEXT NOT NULL DEFAULT '',
    "events" TEXT[],
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabled_at" TIMESTAMPTZ(3),
    "disabled_reason" TEXT,
    "failing_since" TIMESTAMPTZ(3),
    "secret" TEXT NOT NULL,
    "previous_secret" TEXT,
    "previous_until" TIMESTAMPTZ(3),
    "created_by" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "webhooks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_deliveries" (
    "id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "webhook_id" UUID NOT NULL,
    "cursor" BIGINT,
    "type" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "url" TEXT,
    "submitted_by" UUID,
    "body" TEXT,
    "queue" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "before" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "first_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "last_status" SMALLINT,
    "last_error" TEXT,
    "log" JSONB NOT NULL DEFAULT '[]',

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_progress" (
    "id" SMALLINT NOT NULL,
    "cursor" BIGINT NOT NULL,

    CONSTRAINT "webhook_progress_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "webhooks_job_urls_of_key" ON "webhooks"("job_urls_of");

-- CreateIndex
CREATE INDEX "webhooks_space_id_id_idx" ON "webhooks"("space_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "webhook_deliveries_seq_key" ON "webhook_deliveries"("seq");

-- CreateIndex
CREATE INDEX "webhook_deliveries_webhook_id_id_idx" ON "webhook_deliveries"("webhook_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "webhook_deliveries_webhook_id_cursor_key" ON "webhook_deliveries"("webhook_id", "cursor");

-- AddForeignKey
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_space_id_fkey" FOREIGN KEY ("space_id") REFERENCES "spaces"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhooks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What can be sent, queue by queue; what waits behind what; what there is to sweep.
CREATE INDEX "webhook_deliveries_due_idx" ON "webhook_deliveries"("queue", "next_at") WHERE "status" = 'due';
CREATE INDEX "webhook_deliveries_open_idx" ON "webhook_deliveries"("webhook_id", "subject", "seq")
    WHERE "status" IN ('waiting', 'due');
CREATE INDEX "webhook_deliveries_ended_idx" ON "webhook_deliveries"("finished_at") WHERE "finished_at" IS NOT NULL;

-- Nothing of before is sent.
INSERT INTO "webhook_progress" ("id", "cursor") SELECT 1, coalesce(max("cursor"), 0) FROM "activity";
