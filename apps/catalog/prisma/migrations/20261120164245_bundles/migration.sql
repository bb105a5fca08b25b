-- CreateTable
CREATE TABLE "bundles" (
    "id" TEXT NOT NULL,
    "document" JSONB NOT NULL,
    "revision" BIGSERIAL NOT NULL,
    "updated_by" UUID,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bundles_pkey" PRIMARY KEY ("id")
);
