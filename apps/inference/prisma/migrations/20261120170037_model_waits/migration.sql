-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "missing_models" TEXT,
ADD COLUMN     "model_files" JSONB;

-- AlterTable
ALTER TABLE "workers" ADD COLUMN     "fetches_models" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "model_waits" (
    "job_id" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'looking',
    "files" JSONB NOT NULL DEFAULT '[]',
    "download_id" UUID,
    "rounds" INTEGER NOT NULL DEFAULT 0,
    "bytes_done" BIGINT NOT NULL DEFAULT 0,
    "bytes_total" BIGINT NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_waits_pkey" PRIMARY KEY ("job_id")
);

-- AddForeignKey
ALTER TABLE "model_waits" ADD CONSTRAINT "model_waits_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Few jobs wait for models: the sweep looks at these alone.
CREATE INDEX "jobs_missing_models_idx" ON "jobs" ("seq") WHERE "missing_models" IS NOT NULL AND "status" = 'queued';
CREATE INDEX "model_waits_open_idx" ON "model_waits" ("next_at") WHERE "state" <> 'done';
CREATE INDEX "model_waits_download_id_idx" ON "model_waits" ("download_id") WHERE "download_id" IS NOT NULL;
