-- CreateTable
CREATE TABLE "media" (
    "blob" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "mime" TEXT NOT NULL,
    "width" INTEGER,
    "height" INTEGER,
    "duration_seconds" DOUBLE PRECISION,
    "has_audio" BOOLEAN,
    "state" TEXT NOT NULL,
    "due" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "tries" SMALLINT NOT NULL DEFAULT 0,
    "unused_since" TIMESTAMPTZ(3),

    CONSTRAINT "media_pkey" PRIMARY KEY ("blob")
);

-- CreateTable
CREATE TABLE "thumbnail" (
    "source" TEXT NOT NULL,
    "size" SMALLINT NOT NULL,
    "blob" TEXT NOT NULL,

    CONSTRAINT "thumbnail_pkey" PRIMARY KEY ("source","size")
);

-- CreateTable
CREATE TABLE "asset" (
    "id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "space_id" UUID NOT NULL,
    "created_by" UUID NOT NULL,
    "blob" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "filename" TEXT,
    "text" TEXT,
    "job_id" UUID,
    "output_index" INTEGER,
    "workflow_id" UUID,
    "session_id" UUID,
    "prompt" TEXT,
    "negative_prompt" TEXT,
    "models" TEXT[],
    "loras" TEXT[],
    "sampler" TEXT,
    "scheduler" TEXT,
    "seed" TEXT,
    "steps" INTEGER,
    "cfg" DOUBLE PRECISION,
    "tags" TEXT[],
    "notes" TEXT,
    "rating" SMALLINT NOT NULL DEFAULT 0,
    "favorite" BOOLEAN NOT NULL DEFAULT false,
    "search" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "asset_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "asset_document" (
    "asset_id" UUID NOT NULL,
    "graph" TEXT,
    "metadata" TEXT,

    CONSTRAINT "asset_document_pkey" PRIMARY KEY ("asset_id")
);

-- CreateTable
CREATE TABLE "deleted_asset" (
    "id" UUID NOT NULL,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "deleted_asset_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" UUID NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "space_id" UUID NOT NULL,
    "created_by" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "titled_by" TEXT NOT NULL,
    "draft" TEXT,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
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
CREATE INDEX "thumbnail_blob_idx" ON "thumbnail"("blob");

-- CreateIndex
CREATE UNIQUE INDEX "asset_seq_key" ON "asset"("seq");

-- CreateIndex
CREATE INDEX "asset_space_id_seq_idx" ON "asset"("space_id", "seq");

-- CreateIndex
CREATE INDEX "asset_space_id_rating_seq_idx" ON "asset"("space_id", "rating", "seq");

-- CreateIndex
CREATE INDEX "asset_session_id_seq_idx" ON "asset"("session_id", "seq");

-- CreateIndex
CREATE INDEX "asset_job_id_idx" ON "asset"("job_id");

-- CreateIndex
CREATE INDEX "asset_blob_idx" ON "asset"("blob");

-- CreateIndex
CREATE INDEX "asset_models_idx" ON "asset" USING GIN ("models");

-- CreateIndex
CREATE INDEX "asset_loras_idx" ON "asset" USING GIN ("loras");

-- CreateIndex
CREATE INDEX "asset_tags_idx" ON "asset" USING GIN ("tags");

-- CreateIndex
CREATE INDEX "deleted_asset_deleted_at_idx" ON "deleted_asset" USING BRIN ("deleted_at");

-- CreateIndex
CREATE UNIQUE INDEX "session_seq_key" ON "session"("seq");

-- CreateIndex
CREATE INDEX "session_space_id_seq_idx" ON "session"("space_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_seq_key" ON "outbox"("seq");

-- AddForeignKey
ALTER TABLE "thumbnail" ADD CONSTRAINT "thumbnail_source_fkey" FOREIGN KEY ("source") REFERENCES "media"("blob") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "thumbnail" ADD CONSTRAINT "thumbnail_blob_fkey" FOREIGN KEY ("blob") REFERENCES "media"("blob") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "asset" ADD CONSTRAINT "asset_blob_fkey" FOREIGN KEY ("blob") REFERENCES "media"("blob") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "asset" ADD CONSTRAINT "asset_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "session"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "asset_document" ADD CONSTRAINT "asset_document_asset_id_fkey" FOREIGN KEY ("asset_id") REFERENCES "asset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma cannot say.

CREATE INDEX "media_pending_idx" ON "media" ("due") WHERE "state" = 'pending';
CREATE INDEX "media_unused_idx" ON "media" ("unused_since") WHERE "unused_since" IS NOT NULL;

-- Search by parts of words is fast with pg_trgm and slow, but right, without it: a role may lack the right to
-- make the extension, another service may be making it, or the server may not have it.
DO $$
BEGIN
  BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
  EXCEPTION
    WHEN insufficient_privilege OR unique_violation OR duplicate_object OR feature_not_supported OR undefined_file THEN
      RAISE NOTICE 'pg_trgm: %', SQLERRM;
  END;
  IF EXISTS (SELECT FROM pg_opclass WHERE opcname = 'gin_trgm_ops' AND pg_opclass_is_visible(oid)) THEN
    CREATE INDEX "asset_search_idx" ON "asset" USING GIN ("search" gin_trgm_ops);
  END IF;
END
$$;
