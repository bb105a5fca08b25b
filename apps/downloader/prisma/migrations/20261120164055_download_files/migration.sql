-- AlterTable
ALTER TABLE "transfers" ADD COLUMN     "approval_url" TEXT,
ADD COLUMN     "expected_bytes" BIGINT,
ADD COLUMN     "host" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "sealed_mirrors" TEXT,
ADD COLUMN     "wanted_by" UUID;

-- AlterTable
ALTER TABLE "downloads" ADD COLUMN     "model_id" TEXT,
ADD COLUMN     "source" TEXT NOT NULL DEFAULT 'url',
ADD COLUMN     "title" TEXT,
ADD COLUMN     "version_id" TEXT;

-- AlterTable
ALTER TABLE "settings" ADD COLUMN     "disk_budget_bytes" BIGINT,
ADD COLUMN     "max_connections_per_host" INTEGER,
ADD COLUMN     "schedule" JSONB,
ADD COLUMN     "time_zone" TEXT;

-- CreateTable
CREATE TABLE "download_files" (
    "download_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "transfer_id" UUID NOT NULL,
    "reused" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "download_files_pkey" PRIMARY KEY ("download_id","position")
);

-- CreateTable
CREATE TABLE "source_tokens" (
    "source" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "hint" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_by" UUID NOT NULL,

    CONSTRAINT "source_tokens_pkey" PRIMARY KEY ("source")
);

-- CreateIndex
CREATE INDEX "download_files_transfer_id_idx" ON "download_files"("transfer_id");

-- CreateIndex
CREATE INDEX "transfers_expected_sha256_idx" ON "transfers"("expected_sha256");

-- AddForeignKey
ALTER TABLE "download_files" ADD CONSTRAINT "download_files_download_id_fkey" FOREIGN KEY ("download_id") REFERENCES "downloads"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "download_files" ADD CONSTRAINT "download_files_transfer_id_fkey" FOREIGN KEY ("transfer_id") REFERENCES "transfers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;


-- What was asked for so far is one file each.
INSERT INTO "download_files" ("download_id", "position", "transfer_id")
  SELECT "id", 0, "transfer_id" FROM "downloads";
UPDATE "transfers" SET
  "host" = lower(coalesce(substring("url" FROM '^https?://([^/]+)'), '')),
  "wanted_by" = (SELECT "created_by" FROM "downloads" WHERE "transfer_id" = "transfers"."id"
    ORDER BY "downloads"."created_at" LIMIT 1);

-- A downloader of before, in a rolling update, knows downloads of one file only: its file is written down for it.
CREATE FUNCTION "note_first_file"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('INSERT INTO %I."download_files" ("download_id", "position", "transfer_id") VALUES ($1, 0, $2)
    ON CONFLICT ("download_id", "position") DO UPDATE SET "transfer_id" = EXCLUDED."transfer_id"', TG_TABLE_SCHEMA)
    USING NEW."id", NEW."transfer_id";
  RETURN NULL;
END $$;
CREATE TRIGGER "downloads_first_file" AFTER INSERT OR UPDATE OF "transfer_id" ON "downloads"
  FOR EACH ROW EXECUTE FUNCTION "note_first_file"();
