-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "charged_micros" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "charged_seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
ADD COLUMN     "environment" TEXT,
ADD COLUMN     "estimate" DOUBLE PRECISION NOT NULL DEFAULT 0,
ADD COLUMN     "labels" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "loras" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "min_vram" BIGINT,
ADD COLUMN     "models" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "rank" SMALLINT NOT NULL DEFAULT 0,
ADD COLUMN     "reserved_micros" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "reserved_seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
ADD COLUMN     "signature" TEXT,
ADD COLUMN     "traceparent" TEXT;

-- AlterTable
ALTER TABLE "attempts" ADD COLUMN     "estimate" DOUBLE PRECISION NOT NULL DEFAULT 0,
ADD COLUMN     "gpu_seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
ADD COLUMN     "warm" BOOLEAN;

-- AlterTable
ALTER TABLE "workers" ADD COLUMN     "cost_micros_per_hour" BIGINT,
ADD COLUMN     "environment" TEXT,
ADD COLUMN     "warm" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- CreateTable
CREATE TABLE "fair_shares" (
    "pool" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "virtual" DOUBLE PRECISION NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "fair_shares_pkey" PRIMARY KEY ("pool","path")
);

-- CreateTable
CREATE TABLE "run_estimates" (
    "signature" TEXT NOT NULL,
    "runs" INTEGER NOT NULL,
    "seconds" DOUBLE PRECISION NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_estimates_pkey" PRIMARY KEY ("signature")
);

-- CreateTable
CREATE TABLE "load_times" (
    "worker_id" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "runs" INTEGER NOT NULL,
    "ms" DOUBLE PRECISION NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "load_times_pkey" PRIMARY KEY ("worker_id","model")
);

-- CreateTable
CREATE TABLE "account_limits" (
    "scope" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "weight" DOUBLE PRECISION,
    "max_running" INTEGER,
    "max_open" INTEGER,
    "gpu_seconds_per_day" DOUBLE PRECISION,
    "gpu_seconds_per_month" DOUBLE PRECISION,
    "cost_micros_per_day" BIGINT,
    "cost_micros_per_month" BIGINT,
    "allowed_models" JSONB,
    "denied_nodes" JSONB,
    "updated_by" UUID,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_limits_pkey" PRIMARY KEY ("scope","subject")
);

-- CreateTable
CREATE TABLE "usage_totals" (
    "scope" TEXT NOT NULL,
    "subject" UUID NOT NULL,
    "period" TEXT NOT NULL,
    "starts_on" DATE NOT NULL,
    "gpu_seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "cost_micros" BIGINT NOT NULL DEFAULT 0,
    "reserved_seconds" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "reserved_micros" BIGINT NOT NULL DEFAULT 0,
    "jobs" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "usage_totals_pkey" PRIMARY KEY ("scope","subject","period","starts_on")
);

-- What Prisma cannot say.

-- The queue of each flow of the fair order: a user's jobs of one class in one space.
CREATE INDEX "jobs_flow_idx" ON "jobs"("pool", "space_id", "created_by", "priority", "rank" DESC, "seq")
  WHERE "status" = 'queued' AND "worker_id" IS NULL;

-- Jobs that have not ended, by whose limits they count to.
CREATE INDEX "jobs_open_space_idx" ON "jobs"("space_id") WHERE "status" IN ('queued', 'running', 'canceling');
CREATE INDEX "jobs_open_user_idx" ON "jobs"("created_by") WHERE "status" IN ('queued', 'running', 'canceling');
