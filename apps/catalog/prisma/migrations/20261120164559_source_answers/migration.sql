-- CreateTable
CREATE TABLE "source_answers" (
    "key" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "body" TEXT,
    "etag" TEXT,
    "last_modified" TEXT,
    "link" TEXT,
    "fetched_at" TIMESTAMPTZ(3),
    "fresh_until" TIMESTAMPTZ(3),
    "failure" JSONB,
    "failed_until" TIMESTAMPTZ(3),
    "used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "source_answers_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "source_answers_used_at_idx" ON "source_answers" USING BRIN ("used_at");
