-- CreateTable
CREATE TABLE "files" (
    "id" UUID NOT NULL,
    "path" TEXT NOT NULL,
    "folder" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "problem" TEXT,
    "unsafe" BOOLEAN NOT NULL DEFAULT false,
    "bytes" BIGINT NOT NULL,
    "modified_at" TIMESTAMPTZ(3) NOT NULL,
    "fingerprint" TEXT,
    "sha256" TEXT,
    "auto_v2" TEXT,
    "auto_v3" TEXT,
    "base_model" TEXT,
    "title" TEXT,
    "trigger_words" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "tensor_count" INTEGER,
    "parameter_count" BIGINT,
    "dtypes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "metadata" JSONB,
    "announced" BOOLEAN NOT NULL DEFAULT false,
    "indexed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "files_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scan" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "state" TEXT NOT NULL DEFAULT 'idle',
    "found" INTEGER NOT NULL DEFAULT 0,
    "hashed" INTEGER NOT NULL DEFAULT 0,
    "unchanged" INTEGER NOT NULL DEFAULT 0,
    "removed" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "bytes_hashed" BIGINT NOT NULL DEFAULT 0,
    "bytes_to_hash" BIGINT NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "scan_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "files_sha256_idx" ON "files"("sha256");

-- CreateIndex
CREATE INDEX "files_auto_v2_idx" ON "files"("auto_v2");

-- CreateIndex
CREATE INDEX "files_auto_v3_idx" ON "files"("auto_v3");

-- CreateIndex
CREATE INDEX "files_modified_at_id_idx" ON "files"("modified_at", "id");

-- CreateIndex
CREATE INDEX "files_bytes_id_idx" ON "files"("bytes", "id");

-- The order of the list by name.
CREATE INDEX "files_name_idx" ON "files"(lower("name"), "id");
