-- AlterTable
ALTER TABLE "downloads" ADD COLUMN     "url" TEXT;
