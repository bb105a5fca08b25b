-- CreateTable
CREATE TABLE "models" (
    "key" BIGSERIAL NOT NULL,
    "source" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "name_key" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "family" TEXT,
    "base_model" TEXT,
    "creator" TEXT,
    "nsfw_rank" SMALLINT NOT NULL,
    "downloads" BIGINT NOT NULL,
    "likes" BIGINT NOT NULL,
    "published_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "linked_source" TEXT,
    "digest" TEXT NOT NULL,
    "added_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "synced_at" TIMESTAMPTZ(3),
    "name_words" tsvector NOT NULL,
    "words" tsvector NOT NULL,

    CONSTRAINT "models_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "model_details" (
    "model_key" BIGINT NOT NULL,
    "source_type" TEXT,
    "creator_image" TEXT,
    "tags" TEXT[],
    "description" TEXT,
    "licence" JSONB NOT NULL,
    "commercial_use" BOOLEAN,
    "gate" TEXT NOT NULL,
    "gate_until" TIMESTAMPTZ(3),
    "approval_url" TEXT,
    "page_url" TEXT,
    "mode" TEXT,
    "task" TEXT,
    "library" TEXT,
    "derived_from" TEXT[],
    "bytes" BIGINT,
    "nsfw_level" INTEGER NOT NULL,
    "covers" JSONB NOT NULL,
    "raw_listed" JSONB,
    "raw_whole" JSONB,

    CONSTRAINT "model_details_pkey" PRIMARY KEY ("model_key")
);

-- CreateTable
CREATE TABLE "model_versions" (
    "key" BIGSERIAL NOT NULL,
    "model_key" BIGINT NOT NULL,
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "withdrawn" BOOLEAN NOT NULL DEFAULT false,
    "base_model" TEXT,
    "family" TEXT,
    "description" TEXT,
    "trained_words" TEXT[],
    "published_at" TIMESTAMPTZ(3),
    "air" TEXT,
    "download_url" TEXT,
    "downloads" BIGINT,
    "nsfw_level" INTEGER NOT NULL,
    "gate" TEXT NOT NULL,
    "gate_until" TIMESTAMPTZ(3),
    "approval_url" TEXT,

    CONSTRAINT "model_versions_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "model_files" (
    "version_key" BIGINT NOT NULL,
    "id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT,
    "format" TEXT NOT NULL,
    "precision" TEXT,
    "quant" TEXT,
    "size" TEXT,
    "bytes" BIGINT,
    "bytes_exact" BOOLEAN NOT NULL,
    "sha256" TEXT,
    "auto_v1" TEXT,
    "auto_v2" TEXT,
    "auto_v3" TEXT,
    "crc32" TEXT,
    "blake3" TEXT,
    "pickle_scan" TEXT,
    "virus_scan" TEXT,
    "scan_text" TEXT,
    "scanned_at" TIMESTAMPTZ(3),
    "is_primary" BOOLEAN NOT NULL,
    "download_url" TEXT NOT NULL,

    CONSTRAINT "model_files_pkey" PRIMARY KEY ("version_key","id")
);

-- CreateTable
CREATE TABLE "model_images" (
    "version_key" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "id" TEXT,
    "url" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "width" INTEGER,
    "height" INTEGER,
    "blurhash" TEXT,
    "nsfw_level" INTEGER NOT NULL,
    "meta" JSONB,
    "raw_meta" JSONB,

    CONSTRAINT "model_images_pkey" PRIMARY KEY ("version_key","url")
);

-- CreateTable
CREATE TABLE "model_words" (
    "word" TEXT NOT NULL,
    "uses" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "model_words_pkey" PRIMARY KEY ("word")
);

-- CreateTable
CREATE TABLE "source_searches" (
    "source" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "pages" INTEGER NOT NULL,
    "next_cursor" TEXT,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "source_searches_pkey" PRIMARY KEY ("source","digest")
);

-- CreateTable
CREATE TABLE "favorites" (
    "user_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "model_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "favorites_pkey" PRIMARY KEY ("user_id","source","model_id")
);

-- CreateTable
CREATE TABLE "model_updates" (
    "seq" BIGSERIAL NOT NULL,
    "model_key" BIGINT NOT NULL,
    "version_key" BIGINT NOT NULL,
    "installed_id" TEXT NOT NULL,
    "installed_name" TEXT NOT NULL,
    "found_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_updates_pkey" PRIMARY KEY ("model_key","version_key")
);

-- CreateTable
CREATE TABLE "update_dismissals" (
    "user_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "model_id" TEXT NOT NULL,
    "version_id" TEXT NOT NULL,

    CONSTRAINT "update_dismissals_pkey" PRIMARY KEY ("user_id","source","model_id","version_id")
);

-- CreateTable
CREATE TABLE "source_syncs" (
    "source" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'idle',
    "cursor" TEXT,
    "pages" INTEGER NOT NULL DEFAULT 0,
    "models" INTEGER NOT NULL DEFAULT 0,
    "changed" INTEGER NOT NULL DEFAULT 0,
    "problem" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "source_syncs_pkey" PRIMARY KEY ("source")
);

-- CreateIndex
CREATE INDEX "models_downloads_key_idx" ON "models"("downloads" DESC, "key" DESC);

-- CreateIndex
CREATE INDEX "models_likes_key_idx" ON "models"("likes" DESC, "key" DESC);

-- CreateIndex
CREATE INDEX "models_published_at_key_idx" ON "models"("published_at" DESC, "key" DESC);

-- CreateIndex
CREATE INDEX "models_updated_at_key_idx" ON "models"("updated_at" DESC, "key" DESC);

-- CreateIndex
CREATE INDEX "models_name_key_key_idx" ON "models"("name_key", "key");

-- CreateIndex
CREATE UNIQUE INDEX "models_source_id_key" ON "models"("source", "id");

-- CreateIndex
CREATE INDEX "model_versions_id_idx" ON "model_versions"("id");

-- CreateIndex
CREATE UNIQUE INDEX "model_versions_model_key_id_key" ON "model_versions"("model_key", "id");

-- CreateIndex
CREATE INDEX "source_searches_asked_at_idx" ON "source_searches"("asked_at");

-- CreateIndex
CREATE INDEX "favorites_source_model_id_idx" ON "favorites"("source", "model_id");

-- CreateIndex
CREATE UNIQUE INDEX "model_updates_seq_key" ON "model_updates"("seq");

-- AddForeignKey
ALTER TABLE "model_details" ADD CONSTRAINT "model_details_model_key_fkey" FOREIGN KEY ("model_key") REFERENCES "models"("key") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_model_key_fkey" FOREIGN KEY ("model_key") REFERENCES "models"("key") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_files" ADD CONSTRAINT "model_files_version_key_fkey" FOREIGN KEY ("version_key") REFERENCES "model_versions"("key") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_images" ADD CONSTRAINT "model_images_version_key_fkey" FOREIGN KEY ("version_key") REFERENCES "model_versions"("key") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_updates" ADD CONSTRAINT "model_updates_model_key_fkey" FOREIGN KEY ("model_key") REFERENCES "models"("key") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_updates" ADD CONSTRAINT "model_updates_version_key_fkey" FOREIGN KEY ("version_key") REFERENCES "model_versions"("key") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma cannot say.

-- No pending list: a search must not pay for the writes before it.
CREATE INDEX "models_words_idx" ON "models" USING GIN ("words") WITH (fastupdate = off);
CREATE INDEX "model_files_sha256_idx" ON "model_files" ("sha256") WHERE "sha256" IS NOT NULL;
CREATE INDEX "model_files_auto_v2_idx" ON "model_files" ("auto_v2") WHERE "auto_v2" IS NOT NULL;
CREATE INDEX "model_files_auto_v3_idx" ON "model_files" ("auto_v3") WHERE "auto_v3" IS NOT NULL;

-- Without pg_trgm no better spelling is offered: a role may lack the right to make it, another service may be
-- making it, or the server may not have it.
DO $$
BEGIN
  BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
  EXCEPTION
    WHEN insufficient_privilege OR unique_violation OR duplicate_object OR feature_not_supported OR undefined_file THEN
      RAISE NOTICE 'pg_trgm: %', SQLERRM;
  END;
  IF EXISTS (SELECT FROM pg_opclass WHERE opcname = 'gin_trgm_ops' AND pg_opclass_is_visible(oid)) THEN
    CREATE INDEX "model_words_word_idx" ON "model_words" USING GIN ("word" gin_trgm_ops) WITH (fastupdate = off);
  END IF;
END
$$;
