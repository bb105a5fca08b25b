-- AlterTable
ALTER TABLE "transfers" ADD COLUMN     "setback_bytes" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "setback_since" TIMESTAMPTZ(3),
ADD COLUMN     "setbacks" INTEGER NOT NULL DEFAULT 0;
