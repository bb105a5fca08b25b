-- CreateTable
CREATE TABLE "jobs" (
    "id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT,
    "status" TEXT NOT NULL,
    "priority" SMALLINT NOT NULL,
    "pool" TEXT NOT NULL,
    "space_id" UUID NOT NULL,
    "created_by" UUID NOT NULL,
    "session_id" UUID,
    "workflow_id" UUID,
    "workflow_version" INTEGER,
    "retry_of" UUID,
    "graph" TEXT NOT NULL,
    "extra" TEXT,
    "inputs" TEXT NOT NULL,
    "classes" TEXT[],
    "webhook_url" TEXT,
    "idempotency_key" TEXT,
    "idempotency_hash" TEXT,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "worker_id" TEXT,
    "avoid" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "outputs" JSONB NOT NULL DEFAULT '[]',
    "warnings" JSONB NOT NULL DEFAULT '[]',
    "timings" JSONB NOT NULL DEFAULT '{}',
    "error" JSONB,
    "gpu_seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "cost_micros" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "bound_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "cancel_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "jobs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attempts" (
    "job_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "worker_id" TEXT NOT NULL,
    "incarnation" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "death" BOOLEAN NOT NULL DEFAULT false,
    "bound_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "missing_since" TIMESTAMPTZ(3),
    "error" JSONB,

    CONSTRAINT "attempts_pkey" PRIMARY KEY ("job_id","number")
);

-- CreateTable
CREATE TABLE "workers" (
    "id" TEXT NOT NULL,
    "incarnation" UUID NOT NULL,
    "pool" TEXT NOT NULL,
    "ready" BOOLEAN NOT NULL,
    "simulator" BOOLEAN NOT NULL,
    "draining" BOOLEAN NOT NULL,
    "drain_requested" BOOLEAN NOT NULL DEFAULT false,
    "run_slots" INTEGER NOT NULL,
    "prefetch_slots" INTEGER NOT NULL,
    "comfy_version" TEXT,
    "gpu" TEXT,
    "vram_total" BIGINT,
    "vram_free" BIGINT,
    "object_info_hash" TEXT,
    "labels" TEXT[],
    "version" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lost_at" TIMESTAMPTZ(3),

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "node_definitions" (
    "hash" TEXT NOT NULL,
    "blob" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "node_definitions_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "workflows" (
    "id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "version" INTEGER NOT NULL,
    "space_id" UUID NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workflows_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workflow_versions" (
    "workflow_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "graph" TEXT NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workflow_versions_pkey" PRIMARY KEY ("workflow_id","version")
);

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

-- CreateIndex
CREATE UNIQUE INDEX "jobs_seq_key" ON "jobs"("seq");

-- CreateIndex
CREATE INDEX "jobs_space_id_seq_idx" ON "jobs"("space_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "jobs_created_by_idempotency_key_key" ON "jobs"("created_by", "idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "workflows_seq_key" ON "workflows"("seq");

-- CreateIndex
CREATE INDEX "workflows_space_id_seq_idx" ON "workflows"("space_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_seq_key" ON "outbox"("seq");

-- AddForeignKey
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "workflow_versions" ADD CONSTRAINT "workflow_versions_workflow_id_fkey" FOREIGN KEY ("workflow_id") REFERENCES "workflows"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma does not model.

-- The queue: what waits for a worker, in the order in which it is served.
CREATE INDEX "jobs_queue_idx" ON "jobs"("pool", "priority", "seq")
    WHERE "status" = 'queued' AND "worker_id" IS NULL;

-- What the sweep looks for.
CREATE INDEX "jobs_expiry_idx" ON "jobs"("expires_at") WHERE "status" = 'queued' AND "expires_at" IS NOT NULL;
CREATE INDEX "jobs_canceling_idx" ON "jobs"("cancel_at") WHERE "status" = 'canceling';

-- What a pool's speed is told by.
CREATE INDEX "jobs_pace_idx" ON "jobs"("pool", "finished_at") WHERE "status" = 'succeeded';

CREATE INDEX "jobs_session_idx" ON "jobs"("session_id", "seq") WHERE "session_id" IS NOT NULL;
CREATE INDEX "jobs_workflow_idx" ON "jobs"("workflow_id", "seq") WHERE "workflow_id" IS NOT NULL;

-- Who holds what.
CREATE INDEX "attempts_open_idx" ON "attempts"("worker_id") WHERE "state" IN ('bound', 'running');

ALTER TABLE "jobs"
    ADD CONSTRAINT "jobs_status_check" CHECK ("status" IN
        ('queued', 'running', 'canceling', 'succeeded', 'failed', 'canceled', 'expired')),
    ADD CONSTRAINT "jobs_worker_check" CHECK ("worker_id" IS NULL OR "status" IN ('queued', 'running', 'canceling'));
ALTER TABLE "attempts"
    ADD CONSTRAINT "attempts_state_check" CHECK ("state" IN
        ('bound', 'running', 'succeeded', 'failed', 'canceled', 'lost'));

-- One row per worker, written every second: leave room for updates in place.
ALTER TABLE "workers" SET (fillfactor = 50);
