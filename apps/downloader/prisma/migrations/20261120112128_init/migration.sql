-- CreateTable
CREATE TABLE "outbox" (
    "id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "subject" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "headers" JSONB NOT NULL,
    "key" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "inbox" (
    "consumer" TEXT NOT NULL,
    "event_id" UUID NOT NULL,
    "handled_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inbox_pkey" PRIMARY KEY ("consumer","event_id")
);

-- CreateTable
CREATE TABLE "transfers" (
    "id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "url_key" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "sealed_url" TEXT NOT NULL,
    "sealed_token" TEXT,
    "folder" TEXT NOT NULL,
    "filename" TEXT,
    "expected_sha256" TEXT,
    "status" TEXT NOT NULL DEFAULT 'queued',
    "priority" INTEGER NOT NULL DEFAULT 0,
    "bytes_done" BIGINT NOT NULL DEFAULT 0,
    "bytes_total" BIGINT,
    "bytes_per_second" INTEGER,
    "etag" TEXT,
    "last_modified" TEXT,
    "sha256" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "error_code" TEXT,
    "error_message" TEXT,
    "not_before" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ(3),
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "machine" TEXT,
    "machine_before" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "transfers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "downloads" (
    "id" UUID NOT NULL,
    "transfer_id" UUID NOT NULL,
    "space_id" UUID NOT NULL,
    "created_by" UUID NOT NULL,
    "wish" TEXT NOT NULL DEFAULT 'wanted',
    "priority" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "canceled_at" TIMESTAMPTZ(3),

    CONSTRAINT "downloads_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "settings" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "max_concurrent" INTEGER NOT NULL DEFAULT 3,
    "max_bytes_per_second" BIGINT,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "outbox_seq_key" ON "outbox"("seq");

-- CreateIndex
CREATE INDEX "inbox_handled_at_idx" ON "inbox" USING BRIN ("handled_at");

-- CreateIndex
CREATE INDEX "transfers_status_priority_created_at_idx" ON "transfers"("status", "priority", "created_at");

-- CreateIndex
CREATE INDEX "transfers_url_key_idx" ON "transfers"("url_key");

-- CreateIndex
CREATE INDEX "downloads_transfer_id_idx" ON "downloads"("transfer_id");

-- CreateIndex
CREATE INDEX "downloads_space_id_created_at_id_idx" ON "downloads"("space_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "downloads_created_at_id_idx" ON "downloads"("created_at", "id");

-- AddForeignKey
ALTER TABLE "downloads" ADD CONSTRAINT "downloads_transfer_id_fkey" FOREIGN KEY ("transfer_id") REFERENCES "transfers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Equal requests share one transfer while it is not finished.
CREATE UNIQUE INDEX "transfers_active_key" ON "transfers"("key")
  WHERE "status" IN ('queued', 'running', 'verifying', 'paused');
