-- AlterTable
ALTER TABLE "sidecars_due" ADD COLUMN     "failures" INTEGER NOT NULL DEFAULT 0;
