-- AlterTable
ALTER TABLE "transfers" ADD COLUMN     "promised" BOOLEAN NOT NULL DEFAULT false;
