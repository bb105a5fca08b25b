-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "estimate_micros" BIGINT NOT NULL DEFAULT 0;
