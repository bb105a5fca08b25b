-- AlterTable
ALTER TABLE "files" ADD COLUMN     "asked_at" TIMESTAMPTZ(3),
ADD COLUMN     "belongs_in" TEXT,
ADD COLUMN     "besides" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "description" TEXT,
ADD COLUMN     "family" TEXT,
ADD COLUMN     "link_from" TEXT,
ADD COLUMN     "linked_at" TIMESTAMPTZ(3),
ADD COLUMN     "model_id" TEXT,
ADD COLUMN     "model_source" TEXT,
ADD COLUMN     "noise" TEXT,
ADD COLUMN     "notes" TEXT,
ADD COLUMN     "precision" TEXT,
ADD COLUMN     "preferred_weight" REAL,
ADD COLUMN     "preview" TEXT,
ADD COLUMN     "root" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "type" TEXT,
ADD COLUMN     "variant_key" TEXT,
ADD COLUMN     "version_id" TEXT,
ADD COLUMN     "words_from" TEXT NOT NULL DEFAULT 'none';

-- CreateTable
CREATE TABLE "previews" (
    "key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "previews_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "sidecars_due" (
    "file_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sidecars_due_pkey" PRIMARY KEY ("file_id")
);

-- CreateTable
CREATE TABLE "external_files" (
    "id" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "file_name" TEXT NOT NULL,
    "base" TEXT,
    "type" TEXT,
    "source" TEXT,
    "source_url" TEXT,
    "state" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "fingerprint" TEXT,
    "sha256" TEXT,

    CONSTRAINT "external_files_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "external_files_sha256_idx" ON "external_files"("sha256");

-- CreateIndex
CREATE INDEX "external_files_source_idx" ON "external_files" USING HASH ("source");

-- CreateIndex
CREATE INDEX "external_files_source_url_idx" ON "external_files" USING HASH ("source_url");

-- CreateIndex
CREATE INDEX "files_family_idx" ON "files"("family");

-- CreateIndex
CREATE INDEX "files_variant_key_idx" ON "files"("variant_key");

-- CreateIndex
CREATE INDEX "files_model_source_model_id_idx" ON "files"("model_source", "model_id");

-- What is already here is looked at once more, without reading its bytes again.
UPDATE "files" SET "besides" = 'before' WHERE "state" <> 'hashing';
